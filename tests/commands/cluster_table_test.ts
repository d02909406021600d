import { deepStrictEqual as equal, strictEqual } from "node:assert/strict";
import {
  countStandings,
  formatFailures,
  formatTasks,
  formatWorkers,
  plainElsewhere,
} from "../../commands/cluster_table.ts";
import { timeSpent } from "../../commands/workers_time.ts";
import type { Task, WorkerRecord } from "../../executors/plan.ts";
import type { TaskStanding } from "../../executors/standing.ts";

const RECORD: WorkerRecord = {
  ...{ task: "points-1", restart: 1, job: "7_1", host: "n2", pid: 1, cores: 1, threads: 1 },
  ...{ started: "2026-11-29T10:00:00.000Z", ended: "2026-11-29T10:00:20.000Z" },
  ...{ exit: 1, error: "b: train: It does not learn" },
  spans: [{ what: "stage", name: "train", begin: 10, seconds: 5 }],
};

const task = (id: string, points: string[], more: Partial<Task> = {}): Task => ({
  ...{ id, kind: "points", points, stage: null, slot: null, of: null },
  ...more,
});

const TASKS: TaskStanding[] = [
  {
    ...{
      task: task("parts-0", ["a"], { kind: "parts", stage: "freeze", slot: 0, of: 2 }),
      wave: 0,
    },
    standing: "done",
  },
  { task: task("points-0", ["a"]), wave: 1, standing: "waiting", job: "7_0" },
  {
    ...{ task: task("points-1", ["b", "c", "d"]), wave: 1, standing: "failed", job: "7_1" },
    ...{ record: RECORD, error: RECORD.error!, log: "/logs/7_1.log" },
  },
];

const WORKERS = timeSpent([RECORD], [["points-1"]])!;

Deno.test("tasks elsewhere are counted, listed, and failures named with their log", () => {
  strictEqual(countStandings(TASKS), "3 tasks: 1 done, 1 waiting, 1 failed");
  equal(formatTasks(TASKS).split("\n").map((line) => line.trim().split(/ {2,}/)), [
    ["task", "state", "job", "attempts", "host", "what"],
    ["parts-0", "done", "parts of freeze of a, worker 1 of 2"],
    ["points-0", "waiting", "7_0", "a"],
    ["points-1", "failed", "7_1", "2", "n2", "b and 2 more"],
  ]);
  strictEqual(
    formatFailures(TASKS),
    "failed: points-1: b: train: It does not learn\n  log: /logs/7_1.log",
  );
});

Deno.test("what share of the workers' time was computing is one line, and a number for programs", () => {
  strictEqual(
    formatWorkers(WORKERS),
    "  1 place to work at for 20 s: 25.0% of that time was computing",
  );
  const { tasks, workers } = plainElsewhere({ tasks: TASKS, workers: WORKERS });
  equal((tasks as { state: string }[]).map(({ state }) => state), ["done", "waiting", "failed"]);
  equal(workers, { places: 1, seconds: 20, computing: 0.25 });
  strictEqual(plainElsewhere({ tasks: TASKS }).workers, null);
});
