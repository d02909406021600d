import { DiskError, messageOf, UserError } from "../base/errors.ts";
import { lazily } from "../base/lazy.ts";
import type { Engine, EngineName } from "../engine/mod.ts";
import { explainDiskError } from "../pipeline/disk.ts";
import type { EventSink } from "../pipeline/events.ts";
import { type RunOptions, runPlan, type RunResult } from "../pipeline/runner.ts";
import type { PlannedPoint } from "../pipeline/sweep_plans.ts";
import type { Plan } from "../pipeline/types.ts";
import type { Report } from "../stages/stage.ts";
import type { CommandLine } from "./cli.ts";
import { PROGRAM, RENDERER } from "./code.ts";
import { createDisplay } from "./display/mod.ts";
import { made } from "./made.ts";
import type { ReportOptions } from "./report/options.ts";
import { updateReport } from "./report/update.ts";
import { commandOf } from "./same_run.ts";

/** A stage that has not stopped so long after Ctrl-C is not waited for: what it saved is whole. */
export const PATIENCE = 1_500;

/** What a plan is run with, beside what the command line says. */
export interface OneRun {
  readonly force?: true | readonly string[];
  readonly signal: AbortSignal;
  /** The point of a sweep that the plan is for. */
  readonly point?: PlannedPoint;
  /** Takes the events too. */
  readonly sink?: EventSink;
  readonly engine?: RunOptions["engine"];
  /** In place of `--until`. */
  readonly until?: string;
  /** Makes parts of a stage's work alone. */
  readonly parts?: RunOptions["parts"];
  /** False: writes none. */
  readonly report?: false;
  /** Shows failures only. */
  readonly silent?: boolean;
}

/** Runs one plan, shows it, and writes its report. */
export async function runOne(
  plan: Plan,
  line: CommandLine,
  { force, signal, point, sink, engine, until, parts, report: wanted, silent }: OneRun,
): Promise<RunResult> {
  const dryRun = line.flag("dry-run");
  // Of a sweep's points it is told together what they would do.
  const quiet = line.flag("quiet") || silent || (dryRun && point !== undefined);
  const display = createDisplay({ json: line.flag("json") && !silent, quiet, dryRun });
  const result = await runPlan(plan, {
    until: until ?? line.text("until"),
    parts,
    force,
    dryRun,
    keepGoing: line.flag("keep-going"),
    sink(event) {
      display.sink(event);
      sink?.(event);
    },
    signal,
    engine: engine ?? ((report) => openWatched(line, report, signal)),
    made: made(),
    renderer: RENDERER,
    program: PROGRAM,
  });
  let report: string | undefined;
  let failure: unknown;
  try {
    if (!dryRun && wanted !== false) {
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

/** Why a report could not be written. */
export function failureOf(error: unknown): string {
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

/** The engine that was asked for. */
export function engineOf(line: CommandLine): EngineName | "auto" {
  return (line.text("engine") ?? "auto") as EngineName | "auto";
}

let opened: Promise<Engine> | undefined;

/** Opens the engine at the first call; all stages of all configs share it. */
export function openOnce(line: CommandLine, report: Report, signal: AbortSignal): Promise<Engine> {
  return opened ??= ENGINE().then(({ openEngine }) =>
    openEngine({
      name: engineOf(line),
      threads: line.number("threads"),
      report,
      signal,
    })
  );
}

let watched: Promise<Engine> | undefined;

/** The same, and sees to it that Ctrl-C ends what the engine does. */
function openWatched(line: CommandLine, report: Report, signal: AbortSignal): Promise<Engine> {
  return watched ??= openOnce(line, report, signal).then(async (engine) => {
    // A WebAssembly operation does not outlast the patience of onSignal by much, and needs no FFI.
    // A little later than `leave`, which is called where the thread is not blocked.
    if (engine.name === "tensorflow") (await WATCHDOG()).endInTime(PATIENCE + 200);
    return engine;
  });
}
