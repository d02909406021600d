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

// Recorded from Slurm 22.05 with slurmdbd, of an array with tasks that ended, failed, were cancelled
// and queued again.
const RECORDED = `1_0|COMPLETED|sweep-1
1_1|FAILED|sweep-1
1_3|CANCELLED by 0|sweep-1
1_4|RUNNING|sweep-1
1_5|RUNNING|sweep-1
1_[6-8%3]|PENDING|sweep-1
1_2|PENDING|sweep-1
`;

Deno.test("what sacct prints is read", () => {
  equal(parseSacct(RECORDED).map(({ index, state }) => `${index} ${state}`), [
    "0 COMPLETED",
    "1 FAILED",
    "3 CANCELLED",
    "4 RUNNING",
    "5 RUNNING",
    "6 PENDING",
    "7 PENDING",
    "8 PENDING",
    "2 PENDING",
  ]);
  equal(parseSacct("12_0.batch|COMPLETED|batch\n13|COMPLETED|other\nsacct: error\n"), []);
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
