import { strictEqual } from "node:assert/strict";
import { learningRateAt, type Schedule } from "../../vit/schedule.ts";
import { assertClose } from "./golden.ts";

// Computed by hand from the definitions; 10 steps, peak 1.
const CASES: [Schedule, number[]][] = [
  [{ name: "linear", warmupRatio: 0.15 }, [
    0,
    0.5,
    1,
    7 / 8,
    6 / 8,
    5 / 8,
    4 / 8,
    3 / 8,
    2 / 8,
    1 / 8,
  ]],
  [{ name: "linear", warmupRatio: 0 }, [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]],
  [{ name: "constant", warmupRatio: 0.3 }, [0, 1 / 3, 2 / 3, 1, 1, 1, 1, 1, 1, 1]],
  [
    { name: "cosine", warmupRatio: 0.2 },
    // (1 + cos(pi k / 8)) / 2
    [0, 0.5, 1, 0.9619398, 0.8535534, 0.6913417, 0.5, 0.3086583, 0.1464466, 0.0380602],
  ],
  [{ name: "linear", warmupRatio: 1 }, [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]],
];

for (const [schedule, rates] of CASES) {
  Deno.test(`${schedule.name} with a warm-up of ${schedule.warmupRatio} goes as defined`, () => {
    assertClose(
      rates.map((_, step) => learningRateAt(step, 10, 1, schedule)),
      rates,
      1e-7,
      "rates",
    );
  });
}

Deno.test("no schedule goes below 0 or on after its end", () => {
  strictEqual(learningRateAt(10, 10, 1, { name: "linear", warmupRatio: 0.1 }), 0);
  strictEqual(learningRateAt(12, 10, 1, { name: "linear", warmupRatio: 0.1 }), 0);
});
