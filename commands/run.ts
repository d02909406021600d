import { join } from "node:path";
import { DiskError, messageOf, UserError } from "../base/errors.ts";
import { lazily } from "../base/lazy.ts";
import type { Engine, EngineName } from "../engine/mod.ts";
import { shortPath } from "../pipeline/config_file.ts";
import { explainDiskError, realDisk } from "../pipeline/disk.ts";
import { stageNamed } from "../pipeline/plan.ts";
import { readCode } from "../pipeline/resolve.ts";
import { previewPlan, runPlan, type RunResult } from "../pipeline/runner.ts";
import { type PlannedPoint, readSweepFile, type SweepFile } from "../pipeline/sweep_plans.ts";
import type { Plan } from "../pipeline/types.ts";
import { registry } from "../stages/mod.ts";
import type { Report } from "../stages/stage.ts";
import type { Command, CommandLine } from "./cli.ts";
import { PROGRAM, RENDERER } from "./code.ts";
import { createDisplay } from "./display/mod.ts";
import { refuseWhatNoEngineDoes } from "./engine_needs.ts";
import { checkFolders } from "./folders.ts";
import { made } from "./made.ts";
import { ENGINE_OPTION, NAME_OPTION, SET_OPTION, THREADS_OPTION } from "./options.ts";
import { fromCommandLine } from "./paths.ts";
import { POINT_OPTION, pointNamed } from "./point.ts";
import type { ReportOptions } from "./report/options.ts";
import { updateReport } from "./report/update.ts";
import { commandOf } from "./same_run.ts";
import { STORE_OPTIONS, withSharedStore } from "./store_option.ts";
import type { PointResult } from "./sweep_points.ts";

/** `deno task run`: brings what configs describe up to date. */
export const command: Command = {
  name: "run",
  summary: "Runs the stages of a config, each only if something that it depends on has changed",
  usage: "CONFIG…",
  arguments: { least: 1, most: Infinity },
  options: [
    SET_OPTION,
    NAME_OPTION,
    ENGINE_OPTION,
    POINT_OPTION,
    THREADS_OPTION,
    ...STORE_OPTIONS,
    { name: "dry-run", short: "n", description: "Say what would run, and why; write nothing" },
    { name: "until", value: "STAGE", description: "Run this stage and those that it needs" },
    {
      name: "force",
      short: "f",
      value: "STAGE",
      repeat: true,
      takes: (word) => !/[./\\]/.test(word),
      description: "Run a stage (or all) even where nothing has changed",
    },
    {
      name: "keep-going",
      short: "k",
      description: "After a failure go on with what does not depend on it",
    },
    {
      name: "refresh",
      description: "Ask the Hugging Face Hub again which commit a model's name is",
    },
    { name: "json", description: "Print events as JSON, one a line" },
    { name: "quiet", short: "q", description: "Print failures only" },
  ],
  example: "deno task run configs/quickstart.yaml --set train.epochs=5",
  run,
};

const HUB = lazily<typeof import("../hub/mod.ts")>("../hub/mod.ts", import.meta.url);
const SWEEP = lazily<typeof import("./sweep.ts")>("./sweep.ts", import.meta.url);

/** A stage that has not stopped so long after Ctrl-C is not waited for: what it saved is whole. */
const PATIENCE = 1_500;

async function run(line: CommandLine): Promise<number> {
  const configs = line.positionals.map(fromCommandLine);
  const name = line.text("name");
  if (line.flag("refresh")) (await HUB()).configure({ refresh: true });
  // Every config is checked before any is run.
  const files: SweepFile[] = [];
  for (const config of configs) {
    const file = await readSweepFile({ config, set: line.list("set"), name, registry });
    files.push({
      ...file,
      plan: withSharedStore(file.plan, line),
      points: file.points?.map((each) => ({ ...each, plan: withSharedStore(each.plan, line) })),
    });
  }
  const point = line.text("point");
  for (const file of files) {
    checkStages(file.plan, line);
    if (point !== undefined) pointNamed(file, point);
  }
  checkFolders(files);
  const plans = files.flatMap(({ plan, points }) => points?.map((each) => each.plan) ?? [plan]);
  await readCode(plans, realDisk, RENDERER.module, PROGRAM);
  await refuseWhatNoEngineDoes(plans, engineOf(line), (plan) => stagesInPlace(plan, line));
  const stop = new AbortController();
  const onSignal = () => {
    if (stop.signal.aborted) leave();
    stop.abort();
    setTimeout(leave, PATIENCE);
  };
  Deno.addSignalListener("SIGINT", onSignal);
  Deno.addSignalListener("SIGTERM", onSignal);
  try {
    let exit = 0;
    for (const file of files) {
      const code = await runFile(file, line, stop.signal);
      exit = Math.max(exit, code);
      if (code === 130) break;
    }
    return exit;
  } finally {
    Deno.removeSignalListener("SIGINT", onSignal);
    Deno.removeSignalListener("SIGTERM", onSignal);
  }
}

/** Ends a run that does not end by itself: a download that is put away, a file that is flushed. */
function leave(): never {
  console.error("\nStopped before all was tidied up; the next run goes on from what is saved");
  Deno.exit(130);
}

/** What a run would find in place. What is forced is not. */
async function stagesInPlace(plan: Plan, line: CommandLine): Promise<ReadonlySet<string>> {
  const outcomes = await previewPlan(plan, {
    until: line.text("until"),
    force: forcedBy(line),
    signal: new AbortController().signal,
    engine: () => Promise.reject(new Error("A preview opens no engine")),
    made: made(),
    renderer: RENDERER,
    program: PROGRAM,
  });
  const told = new Map(outcomes.map(({ name, status }) => [name, status]));
  // What `--until` leaves out is not run.
  const idle = plan.stages.filter(({ name }) => !/^(would|may) run$/.test(told.get(name) ?? ""));
  return new Set(idle.map(({ name }) => name));
}

function engineOf(line: CommandLine): EngineName | "auto" {
  return (line.text("engine") ?? "auto") as EngineName | "auto";
}

function forcedBy(line: CommandLine): true | readonly string[] | undefined {
  const names = line.list("force");
  return line.flag("force") ? (names.length > 0 ? names : true) : undefined;
}

function checkStages(plan: Plan, line: CommandLine): void {
  const until = line.text("until");
  if (until !== undefined) stageNamed(plan, until, "--until");
  for (const name of line.list("force")) stageNamed(plan, name, "--force");
}

async function runFile(file: SweepFile, line: CommandLine, signal: AbortSignal): Promise<number> {
  const force = forcedBy(line);
  if (file.points === undefined) return (await runOne(file.plan, force, line, signal)).exit;
  const { runSweep } = await SWEEP();
  const point = line.text("point");
  const silent = line.flag("json") || line.flag("quiet");
  return await runSweep(file.plan.name, file.points, {
    run: (point, force) => runOne(point.plan, force, line, signal, point),
    only: point,
    force,
    signal,
    dryRun: line.flag("dry-run"),
    print: silent ? undefined : console.log,
    report: (results) => sweepPage(file, results, line),
  });
}

const SWEEP_REPORT = lazily<typeof import("./sweep_report.ts")>(
  "./sweep_report.ts",
  import.meta.url,
);

/** Writes the page of a sweep. What goes wrong is said, and takes nothing from the points. */
async function sweepPage(
  { plan }: SweepFile,
  results: readonly PointResult[],
  line: CommandLine,
): Promise<string | undefined> {
  try {
    const { updateSweepPage } = await SWEEP_REPORT();
    const path = await updateSweepPage(join(plan.project, "outputs", plan.name), results, {
      name: plan.name,
      configText: await Deno.readTextFile(plan.config),
      command: commandOf({ config: plan.config, set: line.list("set"), name: line.text("name") }),
    });
    return path === undefined ? undefined : shortPath(path);
  } catch (error) {
    console.error(`warning: ${failureOf(explainDiskError(error, "write the report"))}`);
  }
}

/** @param point The point of a sweep that the plan is for. */
async function runOne(
  plan: Plan,
  force: true | readonly string[] | undefined,
  line: CommandLine,
  signal: AbortSignal,
  point?: PlannedPoint,
): Promise<RunResult> {
  const dryRun = line.flag("dry-run");
  // Of a sweep's points it is told together what they would do.
  const quiet = line.flag("quiet") || (dryRun && point !== undefined);
  const display = createDisplay({ json: line.flag("json"), quiet, dryRun });
  const result = await runPlan(plan, {
    until: line.text("until"),
    force,
    dryRun,
    keepGoing: line.flag("keep-going"),
    sink: display.sink,
    signal,
    engine: (report) => openOnce(line, report, signal),
    made: made(),
    renderer: RENDERER,
    program: PROGRAM,
  });
  let report: string | undefined;
  let failure: unknown;
  try {
    if (!dryRun) {
      const find = (name: string) => plan.stages.find((stage) => stage.name === name)?.definition;
      report = await updateReport(result, await reportOptions(plan, line, point), find);
    }
  } catch (error) {
    failure = explainDiskError(error, "write the report");
  }
  display.summarize(report);
  const thrown = failure === undefined ? result.thrown : [...result.thrown, failure];
  if (line.flag("debug")) { for (const error of thrown) console.error(error); }
  // A disk that fails has been told where it stopped a stage.
  if (failure === undefined || result.exit === 1 && failure instanceof DiskError) return result;
  // What the stages made is whole: that is said first, and then what is missing.
  console.error(`warning: ${failureOf(failure)}`);
  return { ...result, exit: result.exit || 1 };
}

function failureOf(error: unknown): string {
  if (!(error instanceof UserError)) return `Cannot write the report: ${messageOf(error)}`;
  return [error.message, error.hint].filter(Boolean).join("\n");
}

/** What the report says of how the run was asked for. */
async function reportOptions(
  plan: Plan,
  line: CommandLine,
  point: PlannedPoint | undefined,
): Promise<ReportOptions> {
  const set = line.list("set");
  const own = Object.entries(point?.set ?? {}).map(([path, value]) =>
    `${path}=${JSON.stringify(value)}`
  );
  return {
    configText: await Deno.readTextFile(plan.config),
    command: commandOf({ config: plan.config, set, name: line.text("name"), point: point?.name }),
    settings: [...set, ...own],
  };
}

const WATCHDOG = lazily<typeof import("../engine/watchdog.ts")>(
  "../engine/watchdog.ts",
  import.meta.url,
);
const ENGINE = lazily<typeof import("../engine/open.ts")>("../engine/open.ts", import.meta.url);

let engine: Promise<Engine> | undefined;

/** Opens the engine at the first call; all stages of all configs share it. */
function openOnce(line: CommandLine, report: Report, signal: AbortSignal): Promise<Engine> {
  return engine ??= ENGINE().then(async ({ openEngine }) => {
    const opened = await openEngine({
      name: engineOf(line),
      threads: line.number("threads"),
      report,
      signal,
    });
    // A WebAssembly operation does not outlast the patience of onSignal by much, and needs no FFI.
    // A little later than `leave`, which is called where the thread is not blocked.
    if (opened.name === "tensorflow") (await WATCHDOG()).endInTime(PATIENCE + 200);
    return opened;
  });
}
