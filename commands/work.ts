import { availableParallelism, hostname } from "node:os";
import { dirname, resolve } from "node:path";
import { sentenceOf, UserError } from "../base/errors.ts";
import type { Engine } from "../engine/mod.ts";
import { configDigest } from "../executors/digest.ts";
import { ClusterFolder } from "../executors/folder.ts";
import type { ClusterPlan, Task, WorkerRecord } from "../executors/plan.ts";
import { Recorder } from "../executors/recorder.ts";
import { realDisk } from "../pipeline/disk.ts";
import { readCode } from "../pipeline/resolve.ts";
import { allOf } from "../pipeline/roles.ts";
import type { RunResult } from "../pipeline/runner.ts";
import { type PlannedPoint, readSweepFile } from "../pipeline/sweep_plans.ts";
import type { Plan } from "../pipeline/types.ts";
import { registry } from "../stages/mod.ts";
import { type Command, type CommandLine, parseCommandLine } from "./cli.ts";
import { PROGRAM, RENDERER } from "./code.ts";
import { fromCommandLine } from "./paths.ts";
import { command as RUN } from "./run.ts";
import { type OneRun, openOnce, runOne } from "./run_one.ts";
import { storeOfWorker } from "./store_option.ts";

/** `deno task work`: what a scheduler starts. */
export const command: Command = {
  name: "work",
  summary: "Does one task of a run elsewhere; schedulers start it",
  usage: "PLAN TASK",
  arguments: { least: 2, most: 2 },
  options: [],
  example: "deno task work outputs/sweep/.cluster/plan.json points-3",
  run,
};

/** Exit code of a worker that was told to stop: what it had done is saved, and it is to be queued again. */
const AGAIN = 75;

/** Milliseconds in which what was told to stop saves what it has; Slurm kills 30 s after SIGTERM. */
const PATIENCE = 60_000;

async function run(line: CommandLine): Promise<number> {
  const [path, id] = line.positionals;
  const folder = new ClusterFolder(dirname(dirname(fromCommandLine(path))));
  const plan = folder.readPlan();
  const task = plan?.waves.flat().find((each) => each.id === id);
  if (plan === undefined || task === undefined) {
    throw new UserError(
      plan === undefined ? `Cannot find ${path}` : `Cannot find task "${id}" in ${path}`,
    );
  }
  const record = recordOf(plan, task);
  const recorder = new Recorder(
    record,
    (record) => folder.writeRecord(record),
    () => (Date.now() - Date.parse(record.started)) / 1000,
  );
  const stop = new AbortController();
  const onSignal = () => {
    if (stop.signal.aborted) return;
    stop.abort();
    setTimeout(() => {
      recorder.end(AGAIN);
      Deno.exit(AGAIN);
    }, PATIENCE);
  };
  for (const name of SIGNALS) Deno.addSignalListener(name, onSignal);
  try {
    const failures = await work(plan, task, folder, recorder, stop.signal);
    const exit = stop.signal.aborted ? AGAIN : failures.length > 0 ? 1 : 0;
    recorder.end(exit, exit === 1 ? failures.join("\n") : undefined);
    return exit;
  } catch (error) {
    recorder.end(1, sentenceOf(error));
    throw error;
  }
}

/** Not SIGUSR1: at that Deno opens its debugger, whoever listens. */
const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** @returns what failed. */
async function work(
  plan: ClusterPlan,
  task: Task,
  folder: ClusterFolder,
  recorder: Recorder,
  signal: AbortSignal,
): Promise<string[]> {
  const project = resolve(folder.path, "../../..");
  const config = resolve(project, plan.config);
  const { set, renamed, store } = plan;
  if (await configDigest(config) !== plan.digest) {
    throw new UserError(`Cannot do ${task.id}: ${config} was changed after it was submitted`, {
      hint: "Run the command that submitted it again.",
    });
  }
  const name = renamed ? plan.name : undefined;
  const file = await readSweepFile({ config, set, name, registry });
  const sharedStore = storeOfWorker(store, file.plan.sharedStore);
  const pieces = task.points.map((name): { plan: Plan; point?: PlannedPoint } => {
    const point = file.points?.find((each) => each.name === name);
    return { plan: { ...point?.plan ?? file.plan, sharedStore }, point };
  });
  await readCode(pieces.map(({ plan }) => plan), realDisk, RENDERER.module, PROGRAM);
  recorder.started();
  const line = parseCommandLine(argumentsOf(plan, config), RUN);
  let opening: Promise<Engine> | undefined;
  const common: OneRun = {
    signal,
    sink: recorder.sink,
    // No watchdog: there is time to wait for what the engine has in hand.
    engine: (report) =>
      opening ??= recorder.span("engine", plan.engine, () => openOnce(line, report, signal)),
  };
  const failures: string[] = [];
  const note = (name: string | undefined, { stages, exit }: RunResult) => {
    const failed = stages.find(({ status }) => status === "failed");
    const what = failed === undefined ? "its report" : `${failed.name}: ${failed.error ?? ""}`;
    if (exit === 1) failures.push([name, what].filter(Boolean).join(": "));
  };
  for (const { plan: each, point } of pieces) {
    if (signal.aborted) break;
    if (task.kind === "points") {
      note(point?.name, await runOne(each, line, { ...common, point }));
      continue;
    }
    // Points that share this work have folders of their own: nothing of it is shown there.
    const apart = { ...each, name: ClusterFolder.work(plan.name, task.id) };
    const options = { ...common, report: false as const };
    if (task.kind === "parts") {
      const parts = { stage: task.stage!, slot: task.slot!, of: task.of! };
      note(undefined, await runOne(apart, line, { ...options, parts }));
      continue;
    }
    const needs = each.stages.find(({ name }) => name === task.stage)!.needs;
    for (const until of allOf(needs)) {
      if (failures.length > 0 || signal.aborted) break;
      note(undefined, await runOne(apart, line, { ...options, until }));
    }
  }
  return failures;
}

/** As `run` would have been called, but for where it is done. */
function argumentsOf(plan: ClusterPlan, config: string): string[] {
  return [
    ...[config, "--engine", plan.engine],
    ...(plan.threads === null ? [] : ["--threads", String(plan.threads)]),
    ...plan.set.flatMap((setting) => ["--set", setting]),
    ...(plan.renamed ? ["--name", plan.name] : []),
  ];
}

function recordOf(plan: ClusterPlan, task: Task): WorkerRecord {
  const variable = (name: string) => Deno.env.get(name) || undefined;
  const array = variable("SLURM_ARRAY_JOB_ID");
  const first = Number(variable("VITRINE_TASK_RESTART") ?? 0);
  return {
    task: task.id,
    restart: first + Number(variable("SLURM_RESTART_COUNT") ?? 0),
    job: array === undefined
      ? variable("SLURM_JOB_ID") ?? null
      : `${array}_${variable("SLURM_ARRAY_TASK_ID")}`,
    host: hostname(),
    pid: Deno.pid,
    cores: Number(variable("SLURM_CPUS_PER_TASK") ?? availableParallelism()),
    threads: plan.threads,
    started: new Date(performance.timeOrigin).toISOString(),
    ended: null,
    exit: null,
    error: null,
    spans: [],
  };
}
