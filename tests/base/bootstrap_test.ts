import { ok, strictEqual, throws } from "node:assert/strict";
import { bootstrapMean, quantile } from "../../base/bootstrap.ts";
import { random } from "../../base/random.ts";
import { rankCorrelation } from "../../base/rank_correlation.ts";

Deno.test("a bootstrap interval of many values is that of the normal distribution", () => {
  // 400 values, half 0 and half 1: the mean's deviation is 0.5 / 20.
  const values = Array.from({ length: 400 }, (_, i) => i % 2);
  const { mean, interval: [low, high] } = bootstrapMean(values, random(1, "test"));
  strictEqual(mean, 0.5);
  // The 2.5% point of 2,000 draws is good to about 6% of the distance.
  for (const distance of [0.5 - low, high - 0.5]) ok(Math.abs(distance - 0.049) < 0.006);
});

Deno.test("a single value is its own interval, and none has no mean", () => {
  strictEqual(bootstrapMean([3], random(1, "test")).interval.join(), "3,3");
  throws(() => bootstrapMean([], random(1, "test")), RangeError);
});

Deno.test("quantiles lie between values", () => {
  strictEqual(quantile([0, 10], 0.25), 2.5);
  strictEqual(quantile([0, 1, 2], 1), 2);
});

Deno.test("rank correlation goes by order alone", () => {
  strictEqual(rankCorrelation([1, 2, 3], [10, 100, 1000]), 1);
  strictEqual(rankCorrelation([1, 2, 3], [3, 2, 1]), -1);
  // By hand: 1 - 6 (1 + 1) / (4 * 15).
  strictEqual(rankCorrelation([1, 2, 3, 4], [2, 1, 3, 4]), 0.8);
  // Ties share ranks: scipy.stats.spearmanr([1, 1, 2], [1, 2, 3]) is 0.8660254.
  ok(Math.abs(rankCorrelation([1, 1, 2], [1, 2, 3]) - Math.sqrt(3) / 2) < 1e-12);
  strictEqual(rankCorrelation([1, 1, 1], [1, 2, 3]), 0);
});
