import { basename, dirname, join, resolve } from "node:path";
import { exists } from "../base/exists.ts";
import { messageOf } from "../base/errors.ts";
import { quoted } from "../base/printable.ts";
import { completeStages } from "./complete.ts";
import { loadConfig, type LoadedConfig, shortPath } from "./config_file.ts";
import { configSchema, PLAIN_NAME, PLAIN_NAME_RULE } from "./config_schema.ts";
import { type DeclaredStage, declareStages } from "./declare.ts";
import { buildGraph, type Graph } from "./graph.ts";
import { ConfigProblems, type Place, type Problem, ProblemList, type Source } from "./problems.ts";
import { keepPlaces } from "./places.ts";
import { explainIssues } from "./sentences.ts";
import { applySettings, optionSource } from "./settings.ts";
import type { Sweep } from "./sweep.ts";
import { checkSweep } from "./sweep_check.ts";
import { type MapTree, valueOf } from "./tree.ts";
import type { Plan, PlannedStage, Registry } from "./types.ts";

/** What is read, and what the command line changes about it. */
export interface ConfigRequest {
  /** Path of the YAML file. */
  readonly config: string;
  /** `--set`: `train.epochs=3`. */
  readonly set: readonly string[];
  /** `--name`. */
  readonly name?: string;
  readonly registry: Registry;
}

/** A config with everything filled in. */
export interface ConfigFile {
  readonly plan: Plan;
  /** Its paths and values are checked, each against the config as it stands. */
  readonly sweep?: Sweep;
}

/**
 * Reads a config with its sweep.
 * @throws {ConfigProblems} with everything that is wrong with it: YAML, schema, graph, and what the
 * stages themselves say, in order of lines.
 */
export async function readConfigFile(request: ConfigRequest): Promise<ConfigFile> {
  const problems = new ProblemList();
  const loaded = await loadConfig(resolve(request.config), problems);
  if (loaded === undefined) throw new ConfigProblems(problems.sorted());
  const tree = await applySettings(loaded.tree, request.set, problems);
  return await readTree({ ...loaded, tree }, request, problems);
}

/**
 * Makes a plan of a config whose settings are carried out.
 * @param problems What is wrong so far; the rest is added.
 * @throws {ConfigProblems} if anything is wrong.
 */
export async function readTree(
  { tree, broken }: LoadedConfig,
  request: Omit<ConfigRequest, "set">,
  problems: ProblemList,
): Promise<ConfigFile> {
  const path = resolve(request.config);
  const project = projectOf(path);
  const top = checkTop(tree, request.registry, problems);
  const name = runName(path, top.name, request.name, problems);
  const stages = tree.entries.get("stages")?.value;
  const declared = stages?.type === "map"
    ? await declareStages(stages, project, request.registry, problems)
    : [];
  const graph = buildGraph(declared, problems);
  const sweep = checkSweep(tree, declared, top.sweep, problems);
  const written = planOf(
    {
      ...{ name, config: path, project },
      seed: top.seed ?? configSchema.shape.seed.parse(undefined),
      ...(top.executor === undefined ? {} : { executor: top.executor }),
      ...(top.store === undefined ? {} : { sharedStore: top.store }),
    },
    declared,
    graph,
  );
  // Of a file that could be read only in part, stages would miss each other.
  const whole = broken.size === 0 && graph.order !== undefined;
  const plan = whole ? await completeStages(written, declared, graph, problems) : written;
  const left = problems.sorted().filter((problem) => isCertain(problem, broken));
  if (left.length > 0) throw new ConfigProblems(left);
  const seeded = withSeeds(plan, declared, problems);
  if (problems.size > 0) throw new ConfigProblems(problems.sorted());
  keepPlaces(seeded, declared);
  return { plan: seeded, sweep };
}

/** What comes after the place where a file stops being YAML, or is missing there, may be no mistake. */
function isCertain({ at, absence }: Problem, broken: ReadonlyMap<Source, number>): boolean {
  if (absence) return broken.size === 0;
  const end = at === null ? undefined : broken.get(at.source);
  return end === undefined || at!.start <= end;
}

function checkTop(tree: MapTree, registry: Registry, problems: ProblemList) {
  const owner: Place = { source: tree.at.source, start: tree.at.start, end: tree.at.start + 1 };
  const value = valueOf(tree) as Record<string, unknown>;
  const parsed = configSchema.safeParse(value);
  if (!parsed.success) {
    // A stage that stands too far left is more likely than a key that is spelt like one.
    const misplaced = (key: string) => registry.kinds.includes(key);
    const issues = parsed.error.issues.map((issue) =>
      issue.code === "unrecognized_keys"
        ? { ...issue, keys: issue.keys.filter((key) => !misplaced(key)) }
        : issue
    );
    problems.addAll(explainIssues(issues, { schema: configSchema, tree, name: "", owner }));
    for (const [key, entry] of tree.entries) {
      if (!misplaced(key)) continue;
      problems.add(entry.key, `Cannot read key "${key}" in the config: it belongs under "stages"`);
    }
  }
  const stages = tree.entries.get("stages");
  if (stages?.value.type === "map" && stages.value.entries.size === 0) {
    problems.add(stages.key, `Cannot run a config without stages: "stages" is empty`);
  }
  // What is right of it is checked further, whatever is wrong beside it.
  const { name, seed, sweep, executor, store } = configSchema.shape;
  return {
    name: name.safeParse(value.name).data,
    seed: seed.safeParse(value.seed).data,
    sweep: sweep.safeParse(value.sweep).data,
    executor: executor.safeParse(value.executor).data,
    store: store.safeParse(value.store).data,
  };
}

/**
 * The nearest folder above a file that has a deno.json. A config that lies outside of any project is
 * run in the folder that the program was started in, which is the program's own under `deno task`.
 */
export function projectOf(file: string): string {
  for (let folder = dirname(file);; folder = dirname(folder)) {
    if (exists(join(folder, "deno.json"))) return folder;
    if (folder === dirname(folder)) return Deno.cwd();
  }
}

function runName(
  path: string,
  written: string | undefined,
  option: string | undefined,
  problems: ProblemList,
): string {
  if (option !== undefined) {
    if (!PLAIN_NAME.test(option)) {
      const at = { source: optionSource(`--name ${option}`), start: 0, end: 0 };
      problems.add(at, `Cannot use ${quoted(option)} as a name: ${PLAIN_NAME_RULE}`);
    }
    return option;
  }
  if (written !== undefined) return written;
  const name = basename(path).replace(/\.ya?ml$/, "");
  if (!PLAIN_NAME.test(name)) {
    problems.add(
      null,
      `Cannot name the run after ${shortPath(path)}: ${PLAIN_NAME_RULE}; write "name:" in it`,
    );
  }
  return name;
}

type Head = Omit<Plan, "stages">;

/** The plan as far as the stages' schemas fill it in, without what is wrong. */
function planOf(head: Head, declared: readonly DeclaredStage[], graph: Graph): Plan {
  const stages = (graph.order ?? []).flatMap((name): PlannedStage[] => {
    const { definition, module, mended } = declared.find((stage) => stage.name === name)!;
    if (definition === undefined || module === undefined) return [];
    const needs = graph.needs.get(name)!;
    return [{ name, definition, module, params: mended ?? {}, needs, usesSeed: false }];
  });
  return { ...head, stages };
}

/** Whether a stage draws at random may depend on its parameters: asked when they are complete. */
function withSeeds(plan: Plan, declared: readonly DeclaredStage[], problems: ProblemList): Plan {
  const stages = plan.stages.map((stage) => {
    const { usesSeed = false } = stage.definition;
    if (typeof usesSeed !== "function") return { ...stage, usesSeed };
    try {
      return { ...stage, usesSeed: usesSeed(stage.params) };
    } catch (error) {
      const { at } = declared.find(({ name }) => name === stage.name)!;
      problems.add(
        at,
        `Cannot tell whether ${quoted(stage.name)} uses the seed: ${messageOf(error)}`,
      );
      return stage;
    }
  });
  return { ...plan, stages };
}
