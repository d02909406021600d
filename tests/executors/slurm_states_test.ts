import { deepStrictEqual as equal, strictEqual } from "node:assert/strict";
import { indicesIn, parseSacct, parseSqueue, stateOf } from "../../executors/slurm/states.ts";

Deno.test("tasks of an array that Slurm writes as one are told apart", () => {
  equal(indicesIn("3-7%2"), [3, 4, 5, 6, 7]);
  equal(indicesIn("1,4-6"), [1, 4, 5, 6]);
  equal(indicesIn("0-8:4%1"), [0, 4, 8]);
  equal(indicesIn("0"), [0]);
  equal(indicesIn(""), []);
  equal(indicesIn("N/A"), []);
  equal(indicesIn("1,..."), [1], "a list that was cut says what it says");
  equal(indicesIn("0-99999999999"), []);
});

Deno.test("what squeue prints is read, and what it cannot mean is left out", () => {
  const text = [
    "7|0|RUNNING|sweep",
    "7|1-2%1|PENDING|sweep",
    "11|N/A|PENDING|wrap", // no array
    "slurm_load_jobs error: Unable to contact slurm controller",
    "",
  ].join("\n");
  equal(parseSqueue(text), [
    { job: "7", index: 0, name: "sweep", state: "RUNNING" },
    { job: "7", index: 1, name: "sweep", state: "PENDING" },
    { job: "7", index: 2, name: "sweep", state: "PENDING" },
  ]);
  equal(parseSqueue(""), []);
});

Deno.test("what sacct prints is read", () => {
  const text = [
    "12_0|COMPLETED|sweep",
    "12_1|CANCELLED by 1000|sweep",
    "12_[3-4%2]|PENDING|sweep",
    "12_0.batch|COMPLETED|batch",
    "13|COMPLETED|other",
  ].join("\n");
  equal(parseSacct(text).map(({ index, state }) => [index, state]), [
    [0, "COMPLETED"],
    [1, "CANCELLED"],
    [3, "PENDING"],
    [4, "PENDING"],
  ]);
});

Deno.test("nothing is concluded from silence", () => {
  strictEqual(stateOf(undefined, undefined, true), "unknown");
  strictEqual(stateOf(undefined, undefined, false), "unknown");
  strictEqual(stateOf("A_NEW_STATE", undefined, true), "unknown");
  strictEqual(stateOf(undefined, "RUNNING", true), "unknown", "a runaway job");
  strictEqual(stateOf(undefined, "RUNNING", false), "running");
  strictEqual(stateOf(undefined, "PENDING", false), "waiting");
});

Deno.test("what may be queued again is lost only when the queue does not have it", () => {
  for (const state of ["NODE_FAIL", "PREEMPTED", "BOOT_FAIL"]) {
    strictEqual(stateOf(undefined, state, true), "failed");
    strictEqual(stateOf(undefined, state, false), "unknown");
    strictEqual(stateOf("PENDING", state, true), "waiting");
  }
});

Deno.test("what waits or works now outweighs an older end, and an end what was seen before", () => {
  strictEqual(stateOf("PENDING", "TIMEOUT", true), "waiting");
  strictEqual(stateOf("RUNNING", "FAILED", true), "running");
  strictEqual(stateOf("COMPLETED", "RUNNING", true), "ended");
  strictEqual(stateOf(undefined, "COMPLETED", true), "ended");
  for (
    const state of ["FAILED", "CANCELLED", "TIMEOUT", "OUT_OF_MEMORY", "DEADLINE", "REVOKED"]
  ) {
    strictEqual(stateOf(state, undefined, true), "failed");
    strictEqual(stateOf(undefined, state, false), "failed");
  }
});
