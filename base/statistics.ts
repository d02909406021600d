/** Two-sided 95% of a normal distribution. */
export const Z95 = 1.959964;

/** Wilson's score interval at 95% for `correct` of `images` (Wilson 1927). */
export function wilson(correct: number, images: number): [number, number] {
  const z = Z95;
  const p = correct / images;
  const centre = p + z * z / (2 * images);
  const spread = z * Math.sqrt(p * (1 - p) / images + z * z / (4 * images * images));
  const scale = 1 + z * z / images;
  return [Math.max(0, (centre - spread) / scale), Math.min(1, (centre + spread) / scale)];
}

/** Natural logarithm of n! for whole n, exact sums up to 255 and Stirling's series above. */
export function logFactorial(n: number): number {
  if (n < FACTORIALS.length) return FACTORIALS[n];
  const x = n + 1;
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * x) -
    1 / (360 * x ** 3);
}

const FACTORIALS = [0];
for (let n = 1; n < 256; n++) FACTORIALS.push(FACTORIALS[n - 1] + Math.log(n));

/**
 * Probability that a Poisson variable is at least `least`.
 * @param mean Above 0.
 */
export function poissonAtLeast(least: number, mean: number): number {
  if (least <= 0) return 1;
  const term = (k: number) => Math.exp(k * Math.log(mean) - mean - logFactorial(k));
  // The tail that is the shorter one is summed up, so that nothing small is lost in rounding.
  if (least <= mean) {
    let below = 0;
    for (let k = least - 1; k >= 0; k--) below += term(k);
    return Math.max(0, 1 - below);
  }
  let sum = 0;
  for (let k = least, next = term(k); next > sum * 1e-17; k++, next *= mean / k) sum += next;
  return sum;
}

/**
 * Fisher's exact test, one tail at a time: of `total` balls `marked` are marked, and `drawn` are
 * drawn without looking.
 * @returns probabilities that at most, and that at least, `found` of those drawn are marked.
 */
export function hypergeometricTails(
  found: number,
  drawn: number,
  marked: number,
  total: number,
): { readonly atMost: number; readonly atLeast: number } {
  const choose = (n: number, k: number) => logFactorial(n) - logFactorial(k) - logFactorial(n - k);
  const all = choose(total, drawn);
  const [low, high] = [Math.max(0, drawn - (total - marked)), Math.min(drawn, marked)];
  let [atMost, atLeast] = [0, 0];
  for (let k = low; k <= high; k++) {
    const term = Math.exp(choose(marked, k) + choose(total - marked, drawn - k) - all);
    if (k <= found) atMost += term;
    if (k >= found) atLeast += term;
  }
  return { atMost: Math.min(1, atMost), atLeast: Math.min(1, atLeast) };
}

/**
 * Holm's correction (Holm 1979): p-values such that those below 0.05 hold together with an error of
 * 5% in all.
 */
export function holm(p: readonly number[]): number[] {
  const order = [...p.keys()].sort((a, b) => p[a] - p[b]);
  const adjusted = new Array<number>(p.length);
  let largest = 0;
  for (const [rank, index] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (p.length - rank) * p[index]));
    adjusted[index] = largest;
  }
  return adjusted;
}

/** The middle value, of an even number the mean of both in the middle. @param values At least one. */
export function median(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
