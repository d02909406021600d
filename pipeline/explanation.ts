import { join } from "node:path";
import { isOfFiles, nameFiles } from "./changed_files.ts";
import { type Difference, differencesOf } from "./difference.ts";
import { realDisk } from "./disk.ts";
import { explainDifference } from "./explain.ts";
import type { RendererSource } from "./figures.ts";
import type { KeyRecord } from "./key.ts";
import type { Outcome } from "./outcome.ts";
import { stageNamed } from "./plan.ts";
import type { Program } from "./program.ts";
import { Resolver } from "./resolve.ts";
import { RunFolder } from "./runfolder.ts";
import { previewPlan } from "./runner.ts";
import type { ArtifactRecord } from "./schemas.ts";
import { Store } from "./store.ts";
import { storePath } from "./store_names.ts";
import type { Plan, PlannedStage, Status } from "./types.ts";
import { ancestors } from "./view.ts";

/** Why a stage would run, or why not. */
export interface Explanation {
  readonly stage: string;
  readonly status: Status;
  /** In one line. */
  readonly reason: string;
  /** Null where it can't be known before stages above have run. */
  readonly key: string | null;
  /** Key of what the run's folder shows; null where it shows nothing. */
  readonly previousKey: string | null;
  /** Path of that folder, relative to the project. */
  readonly folder: string;
  /** Everything that differs, in words; of figures, where only those would be drawn again. */
  readonly sentences: readonly string[];
  /** The same as data. */
  readonly differences: readonly Difference[];
  /** Where the key can't be known: what differs apart from what it reads. */
  readonly own?: readonly string[];
  /** Where it would run: the stages above whose results are in place, and are read as they are. */
  readonly kept: readonly string[];
  /** Where the key can't be known: the stages above that would run for certain. */
  readonly causes: readonly Explanation[];
}

/** Where the code is. */
export interface ExplainOptions {
  readonly program: Program;
  readonly renderer: RendererSource;
}

/**
 * Explains what a run would do with a stage. Reads the disk and writes nothing.
 *
 * @throws {UserError} if the plan has no such stage, or the store has another format.
 */
export async function explainStage(
  plan: Plan,
  name: string,
  options: ExplainOptions,
): Promise<Explanation> {
  stageNamed(plan, name, "explain");
  const outcomes = await previewPlan(plan, {
    ...options,
    until: name,
    signal: new AbortController().signal,
    engine: () => Promise.reject(new Error("A preview opens no engine")),
    made: {},
  });
  const outputs = join(plan.project, "outputs");
  const store = await Store.open(realDisk, storePath(plan.project), { write: false });
  const resolver = await Resolver.create(plan, store, {
    program: options.program,
    renderer: options.renderer.module,
    save: false,
  });
  const folder = new RunFolder(store, outputs, plan.name);
  return await new Explainer(plan, outcomes, resolver, folder).explain(name);
}

class Explainer {
  readonly #plan: Plan;
  readonly #outcomes: readonly Outcome[];
  readonly #resolver: Resolver;
  readonly #folder: RunFolder;

  constructor(
    plan: Plan,
    outcomes: readonly Outcome[],
    resolver: Resolver,
    folder: RunFolder,
  ) {
    this.#plan = plan;
    this.#outcomes = outcomes;
    this.#resolver = resolver;
    this.#folder = folder;
  }

  async explain(name: string): Promise<Explanation> {
    const stage = this.#plan.stages.find((other) => other.name === name)!;
    const outcome = this.#outcomes.find((other) => other.name === name)!;
    const previous = await this.#folder.previous(name);
    const common = {
      stage: name,
      status: outcome.status,
      reason: outcome.error ?? outcome.reason,
      key: outcome.key,
      previousKey: previous?.key ?? null,
      folder: `outputs/${this.#plan.name}/${name}`,
      sentences: [],
      differences: [],
      kept: this.#kept(name, outcome.status),
      causes: [],
    };
    if (outcome.status === "may run") {
      const above = ancestors(this.#plan, name);
      const certain = this.#outcomes.filter(({ name, status }) =>
        above.has(name) && (status === "would run" || status === "failed")
      );
      return {
        ...common,
        ...await this.#own(stage, previous),
        causes: await Promise.all(certain.map(({ name }) => this.explain(name))),
      };
    }
    // It would run although its artifact is whole: for its figures only.
    if (outcome.status === "would run" && outcome.artifact !== undefined) {
      const wanted = await this.#resolver.figures(stage, outcome.artifact);
      const drawn = await this.#folder.previousFigures(name);
      const told = differ(drawn, wanted, "figures");
      return {
        ...common,
        ...told,
        sentences: told.sentences.map((text) => `its figures: ${text}`),
      };
    }
    if (outcome.record === undefined) return common;
    return { ...common, ...await this.#named(stage, differ(previous, outcome.record, name)) };
  }

  #kept(name: string, status: Status): string[] {
    if (status !== "would run" && status !== "may run") return [];
    const above = ancestors(this.#plan, name);
    return this.#outcomes.filter(({ name, status }) =>
      above.has(name) && (status === "fresh" || status === "restored")
    ).map(({ name }) => name);
  }

  /** What differs of a stage apart from its inputs, whose content is not known. */
  async #own(stage: PlannedStage, previous: ArtifactRecord | undefined) {
    if (previous === undefined) return {};
    const { record } = await this.#resolver.stage(stage, {});
    const comparable = { ...record, inputs: previous.record.inputs };
    const told = await this.#named(stage, differ(previous, comparable, stage.name));
    return { own: told.sentences, differences: told.differences };
  }

  /** Says of inputs which stage they come from, and of files which ones changed. */
  async #named(stage: PlannedStage, told: Told): Promise<Told> {
    // The resolver knows the files that are there once it has read them.
    if (told.sentences.some(isOfFiles)) {
      await this.#resolver.stage(stage, {});
    }
    const listing = (digest: string) => this.#resolver.listing(digest);
    const named = nameFiles(told.sentences, stage, told.differences, listing);
    const sentences = named.map((sentence) => {
      const role = /^its input changed: (.*)$/.exec(sentence)?.[1];
      const from = role === undefined ? "" : sourceOf(stage.needs, role, told.differences);
      return from === "" ? sentence : `${sentence}, ${from}`;
    });
    return { ...told, sentences };
  }
}

/** Says where an input comes from; of many, which of them are others than before. */
function sourceOf(
  needs: PlannedStage["needs"],
  role: string,
  differences: readonly Difference[],
): string {
  const names = [needs[role] ?? []].flat();
  const difference = differences.find(({ path }) => path.join("\0") === `inputs\0${role}`);
  const [before, after] = [difference?.before, difference?.after];
  if (!Array.isArray(before) || !Array.isArray(after)) {
    return names.length > 0 ? `from ${names.join(", ")}` : "";
  }
  const changed = names.filter((_, index) => !before.includes(after[index]));
  if (changed.length > 0) return `from ${changed.join(", ")}`;
  return `now from ${names.join(", ") || "no stage"}`;
}

interface Told {
  readonly sentences: readonly string[];
  readonly differences: readonly Difference[];
}

function differ(before: ArtifactRecord | undefined, after: KeyRecord, name: string): Told {
  if (before === undefined) return { sentences: [], differences: [] };
  return {
    sentences: explainDifference(before.record, after, name),
    differences: differencesOf(before.record, after),
  };
}
