import { join } from "node:path";
import { lazily } from "../base/lazy.ts";
import type { ExecutorName } from "../executors/plan.ts";
import { shortPath } from "../pipeline/config_file.ts";
import { explainDiskError, realDisk } from "../pipeline/disk.ts";
import { stageNamed } from "../pipeline/plan.ts";
import { readCode } from "../pipeline/resolve.ts";
import { previewPlan } from "../pipeline/runner.ts";
import { readSweepFile, type SweepFile } from "../pipeline/sweep_plans.ts";
import type { Plan } from "../pipeline/types.ts";
import { registry } from "../stages/mod.ts";
import { type Command, type CommandLine, CommandLineError } from "./cli.ts";
import { PROGRAM, RENDERER } from "./code.ts";
import { refuseWhatNoEngineDoes, refuseWithoutAdapter } from "./engine_needs.ts";
import { checkFolders } from "./folders.ts";
import { made } from "./made.ts";
import {
  ENGINE_OPTION,
  EXECUTOR_OPTIONS,
  NAME_OPTION,
  SET_OPTION,
  THREADS_OPTION,
} from "./options.ts";
import { fromCommandLine } from "./paths.ts";
import { POINT_OPTION, pointNamed } from "./point.ts";
import { engineOf, failureOf, PATIENCE, runOne } from "./run_one.ts";
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
    ...EXECUTOR_OPTIONS,
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
const ELSEWHERE = lazily<typeof import("./elsewhere.ts")>("./elsewhere.ts", import.meta.url);
const SWEEP = lazily<typeof import("./sweep.ts")>("./sweep.ts", import.meta.url);

/** What is decided for a whole run, and not for its tasks elsewhere. */
const NOT_ELSEWHERE = ["until", "force", "point", "keep-going", "refresh"];

async function run(line: CommandLine): Promise<number> {
  const executor = line.text("executor");
  const unfit = NOT_ELSEWHERE.find((name) => line.flag(name));
  if (executor !== undefined && unfit !== undefined) {
    throw new CommandLineError(`Cannot use --executor and --${unfit} at once: leave one out`);
  }
  if (executor === undefined && line.flag("resubmit")) {
    throw new CommandLineError("Cannot use --resubmit without --executor");
  }
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
  // Elsewhere there may be other engines.
  if (executor === undefined) {
    const fresh = (plan: Plan) => stagesInPlace(plan, line);
    await refuseWhatNoEngineDoes(plans, engineOf(line), fresh);
    if (!line.flag("dry-run")) await refuseWithoutAdapter(plans, engineOf(line), fresh);
  }
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
  // What `--until` leaves out is not run; what has an artifact lacks its figures alone.
  const idle = outcomes.filter(({ status, artifact }) =>
    artifact !== undefined || status !== "would run" && status !== "may run"
  );
  return new Set(idle.map(({ name }) => name));
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
  const executor = line.text("executor");
  if (executor === undefined) {
    return await runHere(file, line, signal, { only: line.text("point") });
  }
  const { runElsewhere } = await ELSEWHERE();
  return await runElsewhere(file, executor as ExecutorName, line, {
    signal,
    collect: (only) => runHere(file, line, signal, { only }),
  });
}

/** @param options.only Names of the points to run; all where absent. */
export async function runHere(
  file: SweepFile,
  line: CommandLine,
  signal: AbortSignal,
  { only }: { only?: string | readonly string[] },
): Promise<number> {
  const force = forcedBy(line);
  if (file.points === undefined) return (await runOne(file.plan, line, { force, signal })).exit;
  const { runSweep } = await SWEEP();
  const partly = Array.isArray(only);
  const silent = line.flag("json") || line.flag("quiet") || partly;
  return await runSweep(file.plan.name, file.points, {
    run: (point, force) => runOne(point.plan, line, { force, signal, point, silent: partly }),
    only: typeof only === "string" ? [only] : only,
    force,
    signal,
    dryRun: line.flag("dry-run"),
    print: silent ? undefined : console.log,
    report: partly ? undefined : (results) => sweepPage(file, results, line),
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
    const folder = join(plan.project, "outputs", plan.name);
    const path = await updateSweepPage(folder, results, {
      name: plan.name,
      configText: await Deno.readTextFile(plan.config),
      command: commandOf({ config: plan.config, set: line.list("set"), name: line.text("name") }),
    });
    return path === undefined ? undefined : shortPath(path);
  } catch (error) {
    console.error(`warning: ${failureOf(explainDiskError(error, "write the report"))}`);
  }
}
