import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { WorkerRecord } from "../../executors/plan.ts";
import { timeSpent } from "../../commands/workers_time.ts";

const at = (seconds: number) => new Date(1e12 + seconds * 1000).toISOString();

function record(
  task: string,
  host: string,
  [begin, end]: [number, number | null],
  spans: [WorkerRecord["spans"][number]["what"], number, number][],
): WorkerRecord {
  return {
    ...{ task, host, restart: 0, job: null, pid: 1, cores: 1, threads: 1, exit: 0, error: null },
    started: at(begin),
    ended: end === null ? null : at(end),
    spans: spans.map(([what, begin, seconds]) => ({ what, name: "", begin, seconds })),
  };
}

Deno.test("every second of every place is counted once", () => {
  const spent = timeSpent([
    // The stage holds the opening of the engine and a wait: they count, not the stage.
    record("a", "n1", [0, 10], [["start", 0, 1], ["stage", 1, 8], ["engine", 2, 1], [
      "wait",
      5,
      2,
    ]]),
    record("b", "n2", [0, 6], [["start", 0, 1], ["part", 1, 5]]),
  ], [["a", "b"]])!;
  strictEqual(spent.seconds, 10);
  deepStrictEqual(spent.by, {
    compute: 5 + 5,
    start: 2,
    engine: 1,
    wait: 2,
    transfer: 0,
    other: 1,
    idle: 4,
  });
  strictEqual(spent.efficiency, 0.5);
  deepStrictEqual(spent.lanes, ["n1 · 1", "n2 · 1"]);
});

Deno.test("a place is taken by one worker after the other, and the last one of a wave is critical", () => {
  const spent = timeSpent([
    record("p", "n1", [0, 4], [["stage", 0, 4]]),
    record("x", "n1", [4, 8], [["stage", 0, 4]]),
    record("y", "n1", [4, 9], [["stage", 0, 5]]),
    record("z", "n1", [8, 9.5], [["stage", 0, 1.5]]),
  ], [["p"], ["x", "y", "z"]])!;
  deepStrictEqual(spent.lanes, ["n1 · 1", "n1 · 2"]);
  deepStrictEqual(
    spent.stretches.filter(({ critical }) => critical).map(({ task }) => task),
    ["p", "x", "z"],
  );
});

Deno.test("of a worker that was killed what it had recorded counts", () => {
  const spent = timeSpent([
    record("a", "n1", [0, null], [["stage", 0, 3]]),
    record("a", "n1", [5, 9], [["stage", 0, 4]]),
  ], [["a"]])!;
  strictEqual(spent.by.compute, 7);
  strictEqual(spent.by.idle, 2);
});

Deno.test("of no records there is nothing to say", () => {
  ok(timeSpent([], []) === undefined);
});
