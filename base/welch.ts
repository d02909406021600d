/** A difference of two means with its interval. */
export interface Difference {
  /** Mean of the first less mean of the second. */
  readonly difference: number;
  readonly interval: readonly [low: number, high: number];
}

/**
 * How far apart the means of two groups are, by Welch's interval (Welch 1947), which takes no two
 * deviations for the same.
 *
 * @param z Two-sided quantile of the normal distribution that sets the level: 1.96 for 95%.
 * @throws {RangeError} if a group has fewer than five values: the approximation of t does not hold.
 */
export function welch(a: readonly number[], b: readonly number[], z: number): Difference {
  const least = Math.min(a.length, b.length);
  if (least < 5) throw new RangeError(`Cannot compare a group of ${least}: it takes five values`);
  const [x, y] = [a, b].map((values) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    return { mean, ofMean: squares / (values.length - 1) / values.length, free: values.length - 1 };
  });
  const difference = x.mean - y.mean;
  const variance = x.ofMean + y.ofMean;
  if (variance === 0) return { difference, interval: [difference, difference] };
  const freedom = variance ** 2 / (x.ofMean ** 2 / x.free + y.ofMean ** 2 / y.free);
  const half = studentT(z, freedom) * Math.sqrt(variance);
  return { difference, interval: [difference - half, difference + half] };
}

/**
 * Quantile of Student's t where the normal distribution has z (Fisher and Cornish 1960): to 0.3% from
 * four degrees of freedom and up to z = 2.4.
 */
export function studentT(z: number, freedom: number): number {
  const terms = [
    z,
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
    (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92160,
  ];
  return terms.reduce((sum, term, i) => sum + term / freedom ** i, 0);
}
