import { formatDuration } from "../base/duration.ts";
import type { Standing, TaskStanding } from "../executors/standing.ts";
import type { WorkersTime } from "../figures/workers.ts";
import { shortPath } from "../pipeline/config_file.ts";
import type { Elsewhere } from "./cluster_status.ts";
import { formatShare } from "./results.ts";
import { formatTable } from "./table.ts";

/** How a task's standing is told. */
const WORDS: Readonly<Record<Standing, string>> = {
  done: "done",
  running: "running",
  waiting: "waiting",
  failed: "failed",
  unknown: "unknown",
  missing: "not submitted",
};

/** `12 tasks: 3 done, 4 running, 5 waiting`. */
export function countStandings(all: readonly TaskStanding[]): string {
  const counts = Object.entries(WORDS).flatMap(([standing, word]) => {
    const count = all.filter((one) => one.standing === standing).length;
    return count === 0 ? [] : [`${count} ${word}`];
  });
  return `${all.length} ${all.length === 1 ? "task" : "tasks"}: ${counts.join(", ")}`;
}

/** So many failed tasks are told of one by one. */
const MOST_FAILURES = 10;

/** What failed, why, and where its log is; "" where nothing did. */
export function formatFailures(all: readonly TaskStanding[]): string {
  const failed = all.filter(({ standing }) => standing === "failed");
  const lines = failed.slice(0, MOST_FAILURES).flatMap(({ task, error, log }) => {
    // Of packed points the error says which.
    const [point] = task.points.length === 1 && task.kind === "points" ? task.points : [null];
    const named = point === null || error?.startsWith(`${point}: `) ? "" : `${point}: `;
    return [
      `failed: ${task.id}: ${named}${error ?? "no reason is known"}`,
      ...(log === undefined ? [] : [`  log: ${shortPath(log)}`]),
    ];
  });
  const more = failed.length - MOST_FAILURES;
  return [...lines, ...(more > 0 ? [`and ${more} more failed`] : [])].join("\n");
}

/** Every task as a row. */
export function formatTasks(all: readonly TaskStanding[]): string {
  const rows = all.map(({ task, standing, job, record }) => [
    task.id,
    WORDS[standing],
    job ?? "",
    record === undefined ? "" : String(record.restart + 1),
    record?.host ?? "",
    whatOf(task),
  ]);
  const headings = ["task", "state", "job", "attempts", "host", "what"];
  return formatTable(headings, rows, { right: [3] });
}

function whatOf({ kind, points, stage, slot, of }: TaskStanding["task"]): string {
  const [first] = points;
  const at = first === null ? "" : ` of ${first}`;
  if (kind === "prepare") return `what ${stage} needs${at}`;
  if (kind === "parts") return `parts of ${stage}${at}, worker ${slot! + 1} of ${of}`;
  if (first === null) return "the run";
  return points.length === 1 ? first : `${first} and ${points.length - 1} more`;
}

/** `2 places to work at for 2 min 23 s: 51.2% of that time was computing`. */
export function formatWorkers({ lanes, seconds, efficiency }: WorkersTime): string {
  const places = lanes.length === 1 ? "1 place" : `${lanes.length} places`;
  return `  ${places} to work at for ${formatDuration(seconds)}: ${
    formatShare(efficiency)
  } of that time was computing`;
}

/** For `--json`. */
export function plainElsewhere({ tasks, workers }: Elsewhere): Record<string, unknown> {
  return {
    tasks: plainTasks(tasks),
    workers: workers === undefined ? null : {
      places: workers.lanes.length,
      seconds: workers.seconds,
      computing: workers.efficiency,
    },
  };
}

function plainTasks(all: readonly TaskStanding[]): Record<string, unknown>[] {
  return all.map(({ task, standing, job, log, error, record }) => ({
    task: task.id,
    kind: task.kind,
    points: task.points,
    state: standing,
    job: job ?? null,
    attempts: record === undefined ? 0 : record.restart + 1,
    host: record?.host ?? null,
    started: record?.started ?? null,
    ended: record?.ended ?? null,
    error: error ?? null,
    log: log ?? null,
  }));
}
