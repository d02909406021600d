import type { Random } from "./random.ts";

/** A mean and its 95% interval. */
export interface MeanInterval {
  readonly mean: number;
  readonly interval: [low: number, high: number];
}

/**
 * The mean of independent values with a 95% interval by the percentile bootstrap (Efron 1979): as many
 * values are drawn with replacement, and between the 2.5th and the 97.5th percentile of the means lies
 * the interval. Differences between two measures of the same things are such values too.
 *
 * @param values At least one; of a single one the interval is the value itself.
 * @param draws Samples that are drawn.
 */
export function bootstrapMean(
  values: ArrayLike<number>,
  random: Random,
  draws = 2000,
): MeanInterval {
  const n = values.length;
  if (n === 0) throw new RangeError("Cannot take the mean of no values");
  const means = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += values[random.below(n)];
    means[draw] = sum / n;
  }
  means.sort();
  let sum = 0;
  for (let i = 0; i < n; i++) sum += values[i];
  return { mean: sum / n, interval: [quantile(means, 0.025), quantile(means, 0.975)] };
}

/**
 * A quantile of values that are sorted, between two of them by linear interpolation.
 * @param at From 0, the smallest, to 1, the largest.
 */
export function quantile(sorted: ArrayLike<number>, at: number): number {
  const place = at * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}
