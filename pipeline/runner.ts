import { isAbsolute, join, relative } from "node:path";
import { lazily } from "../base/lazy.ts";
import type { Engine } from "../engine/mod.ts";
import type { Report } from "../stages/stage.ts";
import { type Disk, explainDiskError, type Log, realDisk } from "./disk.ts";
import { type EventSink, type RunEvent, withTime } from "./events.ts";
import type { RendererSource } from "./figures.ts";
import { notBegun, type Outcome, resultOf, type StageResult } from "./outcome.ts";
import { previewStage } from "./preview.ts";
import { stageNamed } from "./plan.ts";
import type { Claim } from "./parts.ts";
import type { Program } from "./program.ts";
import { Resolver } from "./resolve.ts";
import { allOf, mapRoles } from "./roles.ts";
import { RunFolder } from "./runfolder.ts";
import { markRunning } from "./running.ts";
import type { RunRecord } from "./schemas.ts";
import { bringUpToDate, makeStageParts, type StageEnvironment } from "./stage_run.ts";
import { Store } from "./store.ts";
import { noteOfLocks } from "./locks.ts";
import { storePath } from "./store_names.ts";
import { removeLeftovers } from "./sweepings.ts";
import type { Plan, PlannedStage } from "./types.ts";
import { ancestors } from "./view.ts";

/** What a run is asked for, and what it works with. */
export interface RunOptions {
  /** Only this stage and those that it needs. */
  readonly until?: string;
  /** Makes parts of this stage's work in place of the stage, once those that it needs are there. */
  readonly parts?: Claim & { readonly stage: string };
  /** Runs these stages (all, where true) even where they are in place. */
  readonly force?: true | readonly string[];
  /** Says what would be done, and writes nothing. */
  readonly dryRun?: boolean;
  /** After a failure goes on with what does not depend on it. */
  readonly keepGoing?: boolean;
  readonly sink: EventSink;
  readonly signal: AbortSignal;
  /** Opens the engine; called at most once for a stage, when the stage first asks. */
  readonly engine: (report: Report) => Promise<Engine>;
  /** Host, versions and the like: for `artifact.json`, never for a key. */
  readonly made: Readonly<Record<string, unknown>>;
  readonly renderer: RendererSource;
  /** One for all runs of a process. */
  readonly program: Program;
  /** The file system, by default this machine's. */
  readonly disk?: Disk;
}

/** How a run ended. */
export interface RunResult {
  /** 0: done; 1: a stage failed; 130: interrupted. */
  readonly exit: 0 | 1 | 130;
  readonly stages: readonly StageResult[];
  /** Absolute path of `outputs/NAME`. */
  readonly folder: string;
  /** What failing stages threw, for `--debug`. */
  readonly thrown: readonly unknown[];
}

/**
 * Runs a plan: brings every stage up to date, in order, and leaves `outputs/NAME/`.
 *
 * @throws {UserError} if an option names a stage that is not there, or the store cannot be used;
 * what goes wrong in a stage is in the result instead.
 */
export async function runPlan(plan: Plan, options: RunOptions): Promise<RunResult> {
  checkNames(plan, options);
  const { exit, outcomes, folder } = await walk(plan, options);
  return {
    exit,
    stages: outcomes.map(resultOf),
    folder,
    thrown: outcomes.flatMap(({ thrown }) => (thrown === undefined ? [] : [thrown])),
  };
}

/**
 * What a run would do, stage by stage, with the record of each key that can be known.
 *
 * @throws {UserError} as {@linkcode runPlan}.
 */
export async function previewPlan(
  plan: Plan,
  options: Omit<RunOptions, "dryRun" | "sink">,
): Promise<Outcome[]> {
  checkNames(plan, options);
  return (await walk(plan, { ...options, dryRun: true, sink: () => {} })).outcomes;
}

async function walk(
  plan: Plan,
  options: RunOptions,
): Promise<{ exit: RunResult["exit"]; outcomes: Outcome[]; folder: string }> {
  const { signal, dryRun = false, disk = realDisk } = options;
  const started = new Date();
  const outputs = join(plan.project, "outputs");
  let log: Log | undefined;
  try {
    using store = await Store.open(disk, storePath(plan.project), { write: !dryRun });
    using _running = dryRun ? undefined : markRunning(outputs, plan.name, disk);
    const folder = new RunFolder(store, outputs, plan.name);
    if (!dryRun) log = folder.openLog();
    const emit = emitter(options.sink, log);
    const { program, renderer } = options;
    const resolver = await Resolver.create(plan, store, {
      program,
      renderer: renderer.module,
      save: !dryRun,
    });
    const last = folder.readRun();
    using shared = await openShared(plan, store, program);
    const environment: StageEnvironment = {
      ...{ plan, store, shared, resolver, program, folder, last, emit, signal },
      ...{ engine: options.engine, made: options.made, renderer },
    };
    const names = plan.stages.map(({ name }) => name);
    emit(startOf(plan));
    const locks = dryRun ? undefined : noteOfLocks(store);
    if (locks !== undefined) emit({ type: "warning", stage: null, text: locks });
    if (!dryRun) await folder.keepOnly(names);

    const outcomes = new Map<string, Outcome>();
    const writeRecord = () => {
      const all = [...outcomes.values()];
      try {
        folder.writeRun(runRecord(plan, started, all));
      } catch (error) {
        // A stage that failed has told what is wrong with the disk.
        if (exitOf(all) === 0) throw error;
      }
    };
    for (const stage of plan.stages) {
      const outcome = leftOut(plan, stage, outcomes, options) ??
        await reach(environment, stage, outcomes, options);
      outcomes.set(stage.name, outcome);
      const { name, ...result } = resultOf(outcome);
      emit({ type: "stage-finished", stage: name, ...result });
      if (!dryRun && outcome.status !== "fresh") writeRecord();
    }
    await resolver.save();
    if (!dryRun) removeLeftovers(store);
    const all = [...outcomes.values()];
    const exit = exitOf(all);
    if (!dryRun) writeRecord();
    const left = shared?.summary();
    if (left !== undefined) emit({ type: "warning", stage: null, text: left });
    const seconds = (Date.now() - started.getTime()) / 1000;
    emit({ type: "run-finished", name: plan.name, exit, seconds, folder: folder.path });
    return { exit, outcomes: all, folder: folder.path };
  } catch (error) {
    throw explainDiskError(error, `write to ${outputs}`);
  } finally {
    log?.close();
  }
}

const SHARED_STORE = lazily<typeof import("./remote/shared_store.ts")>(
  "./remote/shared_store.ts",
  import.meta.url,
);

/** Where artifacts are shared, loaded only where the config says so. */
async function openShared(plan: Plan, store: Store, program: Program) {
  if (plan.sharedStore === undefined) return undefined;
  const { openSharedStore } = await SHARED_STORE();
  return await openSharedStore(plan.sharedStore, plan.project, store, program);
}

/** What is to be run, before any of it is. */
function startOf({ name, config, seed, stages }: Plan): RunEvent {
  return {
    type: "run-started",
    name,
    config,
    stages: stages.map(({ name }) => name),
    seed,
    graph: stages.map(({ name, definition: { kind }, needs, params: parameters }) => (
      { name, kind, needs, parameters }
    )),
  };
}

/** Why a stage is not begun, if it is not. */
function leftOut(
  plan: Plan,
  stage: PlannedStage,
  outcomes: ReadonlyMap<string, Outcome>,
  options: RunOptions,
): Outcome | undefined {
  const { keepGoing, dryRun, signal } = options;
  const until = options.parts?.stage ?? options.until;
  if (until !== undefined && stage.name !== until && !ancestors(plan, until).has(stage.name)) {
    return notBegun(stage, "not reached", `only ${until} was asked for`);
  }
  const done = [...outcomes.values()];
  if (signal.aborted || done.some(({ status }) => status === "interrupted")) {
    return notBegun(stage, "not reached", "the run was interrupted");
  }
  const bad = allOf(stage.needs)
    .map((name) => outcomes.get(name))
    .find((outcome) => outcome?.status === "failed" || outcome?.status === "skipped");
  if (bad !== undefined) {
    const how = bad.status === "failed" ? "failed" : "was skipped";
    return notBegun(stage, "skipped", `${bad.name} ${how}`);
  }
  const failed = done.find(({ status }) => status === "failed");
  if (failed !== undefined && !keepGoing && !dryRun) {
    return notBegun(stage, "skipped", `${failed.name} failed (--keep-going would run this stage)`);
  }
  return undefined;
}

function reach(
  environment: StageEnvironment,
  stage: PlannedStage,
  outcomes: ReadonlyMap<string, Outcome>,
  { force, dryRun, parts }: RunOptions,
): Promise<Outcome> {
  const forced = force === true || (force?.includes(stage.name) ?? false);
  const above = mapRoles(stage.needs, (name) => outcomes.get(name)!);
  if (dryRun) return previewStage(environment, stage, above, forced);
  const inputs = mapRoles(above, ({ artifact }) => artifact!);
  if (parts?.stage === stage.name) return makeStageParts(environment, stage, inputs, parts);
  return bringUpToDate(environment, stage, inputs, forced);
}

function emitter(sink: EventSink, log: Log | undefined): EventSink {
  let writable = true;
  return (event: RunEvent) => {
    const timed = withTime(event);
    sink(timed);
    try {
      if (writable) log?.write(JSON.stringify(timed) + "\n");
    } catch {
      writable = false; // a full disk: the stage that meets it says so
    }
  };
}

function exitOf(outcomes: readonly Outcome[]): RunResult["exit"] {
  if (outcomes.some(({ status }) => status === "interrupted")) return 130;
  if (outcomes.some(({ reason }) => reason === "the run was interrupted")) return 130;
  return outcomes.every((outcome) => outcome.status !== "failed") ? 0 : 1;
}

function runRecord(plan: Plan, started: Date, outcomes: readonly Outcome[]): RunRecord {
  const config = relative(plan.project, plan.config);
  const engines = outcomes.flatMap(({ artifact }) => {
    const engine = artifact?.record.made.engine as Partial<Engine> | undefined;
    return engine?.description === undefined ? [] : [engine.description];
  });
  return {
    name: plan.name,
    config: config.startsWith("..") || isAbsolute(config) ? plan.config : config,
    parameters: Object.fromEntries(plan.stages.map(({ name, params }) => [name, params])),
    seed: plan.seed,
    engine: engines.at(-1) ?? null,
    started: started.toISOString(),
    seconds: (Date.now() - started.getTime()) / 1000,
    stages: outcomes.map(resultOf),
  };
}

function checkNames(plan: Plan, options: Pick<RunOptions, "until" | "force">): void {
  if (options.until !== undefined) stageNamed(plan, options.until, "--until");
  if (options.force !== true) options.force?.forEach((name) => stageNamed(plan, name, "--force"));
}
