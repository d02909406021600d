import { fileURLToPath } from "node:url";
import type { Engine } from "../engine/mod.ts";
import type {
  CachedRequest,
  Checkpoint,
  OutputFolder,
  Report,
  StageContext,
} from "../stages/stage.ts";
import type { StoredArtifact } from "./artifact.ts";
import { obtain } from "./build.ts";
import type { EventSink } from "./events.ts";
import { keyOf, type KeyRecord } from "./key.ts";
import { type Claim, makeParts, NO_PARTS, PartsMade, storedParts } from "./parts.ts";
import { ProgressMeter } from "./progress.ts";
import type { Program } from "./program.ts";
import type { SharedStore } from "./remote/shared_store.ts";
import type { Resolver } from "./resolve.ts";
import type { ByRole } from "./roles.ts";
import type { Made, Store } from "./store.ts";
import type { Plan, PlannedStage } from "./types.ts";

/** What all stages of a run share. */
export interface RunEnvironment {
  readonly plan: Plan;
  readonly store: Store;
  /** Where artifacts are shared with other machines, if anywhere. */
  readonly shared?: SharedStore;
  readonly resolver: Resolver;
  readonly program: Program;
  readonly emit: EventSink;
  readonly signal: AbortSignal;
  /** Opens the engine, telling the stage that asks first what that takes. */
  readonly engine: (report: Report) => Promise<Engine>;
  /** Facts about machine and program for every `artifact.json`. */
  readonly made: Readonly<Record<string, unknown>>;
}

/** Where a stage writes. */
interface Place {
  readonly output: OutputFolder;
  readonly checkpoint: Checkpoint;
}

/** One stage at work: what it is given, and what it tells while it works. */
export class StageWork {
  readonly report: Report;
  /** Where it went on, once it has said so. */
  resumedFrom: string | undefined;
  readonly #environment: RunEnvironment;
  readonly #stage: PlannedStage;
  readonly #inputs: ByRole<StoredArtifact>;
  readonly #force: boolean;
  readonly #claim: Claim | undefined;
  readonly #started = new Date();
  readonly #facts: Record<string, unknown> = {};
  readonly #used: { kind: string; key: string }[] = [];
  #engine: Promise<Engine> | undefined;

  /**
   * @param inputs Role to the artifact that is read there.
   * @param force Makes what it shares with other stages anew too.
   * @param claim Makes parts of what it shares, and nothing else.
   */
  constructor(
    environment: RunEnvironment,
    stage: PlannedStage,
    inputs: ByRole<StoredArtifact>,
    force: boolean,
    claim?: Claim,
  ) {
    this.#environment = environment;
    this.#stage = stage;
    this.#inputs = inputs;
    this.#force = force;
    this.#claim = claim;
    this.report = this.#makeReport();
  }

  /** Loads the stage's code and lets it write into scratch. @throws {PartsMade} where it claims parts. */
  async run(scratch: Place): Promise<void> {
    const { run } = await this.#stage.definition.run();
    await run(this.#context(scratch));
  }

  /**
   * What `artifact.json` says of how it was made.
   * @param outside Dotted path of a parameter to the folder that it led to.
   */
  async made(outside: Readonly<Record<string, string>>): Promise<Made> {
    const { plan, made } = this.#environment;
    return {
      ...this.#facts,
      ...made,
      ...(this.#engine === undefined ? {} : { engine: { ...await this.#engine } }),
      ...(this.resumedFrom === undefined ? {} : { resumed: this.resumedFrom }),
      ...(this.#used.length === 0 ? {} : { used: this.#used }),
      paths: { project: plan.project, config: plan.config, ...outside },
      started: this.#started.toISOString(),
      seconds: (Date.now() - this.#started.getTime()) / 1000,
    };
  }

  #context(scratch: Place): StageContext {
    const { plan, signal } = this.#environment;
    const { name, params, usesSeed } = this.#stage;
    return {
      params,
      get seed() {
        if (usesSeed) return plan.seed;
        throw new Error(
          `Cannot read the seed in "${name}": its key has none; set usesSeed in its defineStage`,
        );
      },
      // Which roles have lists is known where the stage is defined.
      inputs: this.#inputs as StageContext["inputs"],
      output: scratch.output,
      checkpoint: scratch.checkpoint,
      report: this.report,
      engine: () => this.#openEngine(),
      signal,
      project: plan.project,
      cached: (request) => this.#cached(request),
    };
  }

  #openEngine(): Promise<Engine> {
    return this.#engine ??= this.#environment.engine(this.report);
  }

  async #cached(request: CachedRequest): Promise<StoredArtifact> {
    const { resolver, program, store, shared, signal, emit } = this.#environment;
    const { kind } = request;
    const module = fileURLToPath(request.code);
    const record = await resolver.shared(kind, request.record, module);
    const key = await keyOf(record);
    if (this.#claim !== undefined && request.parts !== undefined) {
      return await this.#makeParts(request, record, key);
    }
    const force = this.#force && !program.made.has(key);
    const { artifact } = await obtain(store, record, {
      what: kind,
      force,
      signal,
      warn: this.report.warn,
      shared,
      progress: this.report.progress,
      onWait: (pid, host) =>
        emit({ type: "waiting", stage: this.#stage.name, pid, host, for: kind }),
      build: async ({ output, checkpoint }) => {
        const started = new Date();
        const parts = force || !request.parts ? NO_PARTS : storedParts(store, kind, key, signal);
        await request.build({ output, checkpoint, parts });
        await resolver.checkRunCode(this.#stage, [module]);
        program.made.add(key);
        return await this.#madeSince(started);
      },
    });
    this.#used.push({ kind, key });
    return artifact;
  }

  /** Makes what it can get of the parts. */
  async #makeParts(request: CachedRequest, record: KeyRecord, key: string): Promise<never> {
    const { resolver, store, shared, signal, emit } = this.#environment;
    const { report } = this;
    const stage = this.#stage.name;
    const { kind } = request;
    const { warn } = report;
    const whole = (await store.find(kind, key, signal)).state === "whole" ||
      await shared?.peek(kind, key, { signal, warn }) !== undefined;
    if (whole) throw new PartsMade(kind);
    const { count, open } = request.parts!;
    const counts = await makeParts(store, record, {
      ...{ count, open, signal },
      claim: this.#claim!,
      warn,
      made: async (started) => {
        await resolver.checkRunCode(this.#stage, [fileURLToPath(request.code)]);
        return await this.#madeSince(started);
      },
      onPart(part, done, seconds) {
        emit({ type: "part-finished", stage, part, of: count, seconds });
        report.progress(done, count, "parts");
      },
    });
    throw new PartsMade(kind, counts);
  }

  async #madeSince(started: Date): Promise<Made> {
    const seconds = (Date.now() - started.getTime()) / 1000;
    return { ...await this.made({}), started: started.toISOString(), seconds };
  }

  #makeReport(): Report {
    const stage = this.#stage.name;
    const { emit } = this.#environment;
    const meter = new ProgressMeter(stage);
    return {
      progress: (done, total, unit, detail) => {
        const event = meter.update(done, total, unit, detail);
        if (event !== undefined) emit(event);
      },
      line: (text) => emit({ type: "line", stage, text }),
      warn: (text) => emit({ type: "warning", stage, text }),
      resumed: (from) => {
        this.resumedFrom = from;
        emit({ type: "line", stage, text: `Going on from ${from}` });
      },
      record: (name, value) => void (this.#facts[name] = value),
    };
  }
}
