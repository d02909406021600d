import { deepStrictEqual as equal, ok } from "node:assert/strict";
import {
  holm,
  hypergeometricTails,
  logFactorial,
  median,
  poissonAtLeast,
} from "../../base/statistics.ts";

/** Sums of floats of the size of 1. */
const TOLERANCE = 1e-11;

function near(actual: number, expected: number): void {
  ok(Math.abs(actual - expected) <= TOLERANCE * Math.abs(expected), `${actual}, not ${expected}`);
}

// From Python: fractions with math.comb, decimals of 40 digits, math.lgamma.
Deno.test("Fisher's tails are those of exact fractions", () => {
  const tails = (...of: [found: number, drawn: number, marked: number, total: number]) => {
    const { atMost, atLeast } = hypergeometricTails(...of);
    return [atMost, atLeast];
  };
  const small = tails(2, 4, 6, 10);
  near(small[0], 0.5476190476190477);
  near(small[1], 0.8809523809523809);
  const middle = tails(30, 60, 400, 600);
  near(middle[0], 0.0036446026333528474);
  near(middle[1], 0.9984595839969749);
  const [atMost] = tails(700, 1000, 8000, 10000);
  // Logarithms of factorials as large as 80,000 leave fewer digits.
  ok(Math.abs(atMost / 1.1088110191253718e-15 - 1) < 1e-8);
});

Deno.test("Poisson tails are those of exact sums, also where they are small", () => {
  near(poissonAtLeast(5, 2.5), 0.10882198108584876);
  near(poissonAtLeast(30, 10), 2.509951201527908e-7);
  near(poissonAtLeast(3, 20), 0.999999544485449);
  near(poissonAtLeast(600, 500), 7.78527256187958e-6);
  equal(poissonAtLeast(0, 3), 1);
  near(logFactorial(5), Math.log(120));
  near(logFactorial(300), 1414.905849945068);
  near(logFactorial(10_000), 82108.92783681434);
});

Deno.test("Holm's correction multiplies by the tests that are left, and keeps the order", () => {
  // By hand: 4 x 0.01, 3 x 0.02, 2 x 0.025 (not below the one before it), 1 x 0.5.
  equal(holm([0.02, 0.5, 0.01, 0.025]), [0.06, 0.5, 0.04, 0.06]);
  equal(holm([0.9, 0.8]), [1, 1]);
  equal(holm([]), []);
});

Deno.test("the median is in the middle", () => {
  equal(median([3, 1, 2]), 2);
  equal(median([4, 1, 3, 2]), 2.5);
});
