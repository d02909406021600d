import { deepStrictEqual as equal } from "node:assert/strict";
import type { WorkerRecord } from "../../executors/plan.ts";
import { Recorder } from "../../executors/recorder.ts";

const RECORD: WorkerRecord = {
  ...{ task: "points-0", restart: 0, job: null, host: "n1", pid: 1, cores: 1, threads: 1 },
  ...{ started: "2026-01-01T00:00:00.000Z", ended: null, exit: null, error: null, spans: [] },
};

Deno.test("of a worker that is killed it is known what it was at, up to some seconds before", () => {
  let now = 0;
  const written: WorkerRecord[] = [];
  const recorder = new Recorder(
    structuredClone(RECORD),
    (record) => written.push(structuredClone(record)),
    () => now,
  );
  const progress = { type: "progress", stage: "train", done: 1, total: 9, unit: "images" } as const;
  now = 1;
  recorder.sink({ type: "stage-started", stage: "train", kind: "train", key: "k", reason: "" });
  now = 9;
  recorder.sink({ ...progress, rate: null, remaining: null } as never);
  equal(written.length, 1, "not yet");
  now = 11;
  recorder.sink({ ...progress, rate: null, remaining: null } as never);
  equal(written.at(-1)!.spans, [{ what: "stage", name: "train", begin: 1, seconds: 10 }]);
  now = 14;
  recorder.end(0);
  equal(written.at(-1)!.spans, [{ what: "stage", name: "train", begin: 1, seconds: 13 }]);
});
