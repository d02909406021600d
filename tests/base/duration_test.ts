import { deepEqual as equal } from "node:assert/strict";
import { formatDuration, formatEstimate } from "../../base/duration.ts";

Deno.test("durations are said as people say them", () => {
  equal([0.04, 0.996, 9.94, 9.96, 59.4, 59.6, 60, 185, 3599.6, 7800].map(formatDuration), [
    "0.04 s",
    "1.0 s",
    "9.9 s",
    "10 s",
    "59 s",
    "1 min",
    "1 min",
    "3 min 5 s",
    "1 h",
    "2 h 10 min",
  ]);
});

Deno.test("an estimate has no more digits than it can promise", () => {
  equal([0.2, 1, 40.4, 59, 60, 179.8, 3580, 7800].map(formatEstimate), [
    "1 s",
    "1 s",
    "40 s",
    "59 s",
    "1 min",
    "3 min",
    "1 h",
    "2 h 10 min",
  ]);
});
