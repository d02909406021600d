import { join } from "node:path";
import { formatDuration } from "../base/duration.ts";
import { lazily } from "../base/lazy.ts";
import { exists } from "../base/exists.ts";
import type { Command, CommandLine } from "./cli.ts";
import type { Elsewhere } from "./cluster_status.ts";
import {
  countStandings,
  formatFailures,
  formatTasks,
  formatWorkers,
  plainElsewhere,
} from "./cluster_table.ts";
import { findRun, runName } from "./find_run.ts";
import { outputsFolder } from "./paths.ts";
import { formatShare } from "./results.ts";
import { listRuns, type RunStatus, type StageStatus, type SweepStatus } from "./run_list.ts";
import { formatTable } from "./table.ts";

/** `deno task status`: the runs in `outputs/`. */
export const command: Command = {
  name: "status",
  summary: "Lists the runs in outputs/: how far they came, and how well they do",
  usage: "[NAME…]",
  arguments: { least: 0, most: Infinity },
  options: [{ name: "json", description: "Print one JSON list" }],
  example: "deno task status quickstart",
  run,
};

const CLUSTER = lazily<typeof import("./cluster_status.ts")>(
  "./cluster_status.ts",
  import.meta.url,
);

/** How the tasks of a run stand; undefined where it is not done elsewhere. */
async function elsewhereOf(outputs: string, name: string): Promise<Elsewhere | undefined> {
  if (!exists(join(outputs, name, ".cluster", "plan.json"))) return undefined;
  return await (await CLUSTER()).readTasks(outputs, name);
}

async function run(line: CommandLine): Promise<number> {
  const outputs = outputsFolder();
  const all = await listRuns(outputs);
  const asked = await Promise.all(line.positionals.map(async (word) => {
    const elsewhere = await elsewhereOf(outputs, runName(word));
    // A single run elsewhere has left nothing else while it waits.
    const known = elsewhere === undefined || all.some(({ name }) => name === runName(word));
    return { run: known ? findRun(all, word, outputs) : undefined, name: runName(word), elsewhere };
  }));
  if (line.flag("json")) {
    const some = asked.map(({ run, name, elsewhere }) => ({
      ...run ?? { name },
      ...(elsewhere === undefined ? {} : plainElsewhere(elsewhere)),
    }));
    console.log(JSON.stringify(some.length > 0 ? some : all, null, 2));
  } else if (asked.length > 0) console.log(asked.map(formatAsked).join("\n\n"));
  else console.log(all.length > 0 ? formatAll(all) : `There is no run in ${outputs}`);
  return 0;
}

function formatAsked(
  { run, name, elsewhere }: { run?: RunStatus | SweepStatus; name: string; elsewhere?: Elsewhere },
): string {
  const lines = run === undefined ? [] : [formatOne(run)];
  if (elsewhere !== undefined) {
    const { tasks, workers } = elsewhere;
    lines.push(`${name}: ${countStandings(tasks)}`, formatTasks(tasks));
    if (workers !== undefined) lines.push(formatWorkers(workers));
    lines.push(formatFailures(tasks));
  }
  return lines.filter(Boolean).join("\n");
}

/** Every run as a row, the points of a sweep below it. */
export function formatAll(all: readonly (RunStatus | SweepStatus)[]): string {
  const rows = all.flatMap((one) =>
    one.kind === "run" ? [rowOf(one, one.name)] : [
      [`${one.name}/`, one.state, "", `a sweep of ${one.points.length}`, "", ""],
      ...one.points.map((point) => {
        const name = point.name.slice(one.name.length + 1);
        return rowOf(point, `  ${name}${name === one.best ? " (best)" : ""}`);
      }),
    ]
  );
  const headings = ["run", "state", "started", "stages", "validation", "test"];
  return formatTable(headings, rows, { right: [4, 5] });
}

function rowOf(run: RunStatus, name: string): string[] {
  return [
    name,
    run.state,
    formatTime(run.started),
    countStages(run.stages),
    formatShare(run.validation_accuracy),
    formatShare(run.test_accuracy),
  ];
}

function formatOne(one: RunStatus | SweepStatus): string {
  if (one.kind === "sweep") return formatAll([one]);
  const took = one.seconds === null ? "" : `, took ${formatDuration(one.seconds)}`;
  const begun = one.started === null ? "" : `, started ${formatTime(one.started)}`;
  return [
    `${one.name}: ${one.state}${begun}${took}`,
    formatTable(["stage", "status"], one.stages.map(({ name, status }) => [name, status])),
    `  validation accuracy ${formatShare(one.validation_accuracy)}, ` +
    `test accuracy ${formatShare(one.test_accuracy)}`,
  ].join("\n");
}

/** Statuses that say which stage they are of. */
const NAMED: readonly StageStatus["status"][] = ["running", "stopped", "failed", "interrupted"];

/** `3 fresh, train failed, 2 skipped`. */
export function countStages(stages: readonly StageStatus[]): string {
  const counts = new Map<string, number>();
  for (const { status } of stages) counts.set(status, (counts.get(status) ?? 0) + 1);
  const named = (word: string) =>
    stages.filter(({ status }) => status === word).map(({ name }) => `${name} ${word}`);
  return [...counts].flatMap(([status, count]) =>
    NAMED.some((word) => word === status) ? named(status) : [`${count} ${status}`]
  ).join(", ");
}

/** Day and minute, local time. */
function formatTime(time: string | null): string {
  if (time === null) return "";
  const format: Intl.DateTimeFormatOptions = { dateStyle: "short", timeStyle: "short" };
  return new Date(time).toLocaleString("sv-SE", format); // 2026-11-24 14:14
}
