import type { Random } from "../base/random.ts";

/**
 * Draws a part of a data set in which every class has the share that it has in the whole.
 *
 * Each class gets `total * (its images) / (all images)`, rounded down; what is then missing to the
 * total goes, one each, to the classes with the largest remainders, the lower index first (the
 * method of Hamilton). So the total is exact, and no class is off by a whole image.
 *
 * ```ts
 * const validation = stratified(labels, 10, { share: 0.1 }, random(seed, "validation"));
 * const train = without(labels.length, validation);
 * ```
 *
 * @param labels Class index of each image, each below `classes`.
 * @param classes Number of classes.
 * @param part `count`: so many images, or all where there are fewer. `share`: 0 to 1 of them,
 * rounded to the nearest whole image, half upwards.
 * @param random Each class is shuffled in turn, in order of the classes.
 * @returns Indices into `labels`, ascending.
 * @throws {RangeError} on a label, share or count out of range.
 */
export function stratified(
  labels: ArrayLike<number>,
  classes: number,
  part: { readonly count: number } | { readonly share: number },
  random: Random,
): Int32Array {
  const members = byClass(labels, classes);
  const total = totalOf(part, labels.length);
  const counts = largestRemainder(members.map((of) => of.length), total);
  const chosen = members.flatMap((of, label) => random.shuffle(of).slice(0, counts[label]));
  return Int32Array.from(chosen).sort();
}

/** The indices from 0 to `count - 1` that are not in `indices`, ascending. */
export function without(count: number, indices: ArrayLike<number>): Int32Array {
  const taken = new Uint8Array(count);
  for (let i = 0; i < indices.length; i++) taken[indices[i]] = 1;
  const left = new Int32Array(count - taken.reduce((sum, one) => sum + one, 0));
  for (let i = 0, at = 0; i < count; i++) if (!taken[i]) left[at++] = i;
  return left;
}

/** Images of each class, `[classes]`. */
export function classCounts(labels: ArrayLike<number>, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (let i = 0; i < labels.length; i++) counts[labels[i]]++;
  return counts;
}

/**
 * Splits `total` in proportion to `sizes`, exactly: integer arithmetic, no rounding error.
 * @param total At most the sum of the sizes.
 */
export function largestRemainder(sizes: readonly number[], total: number): number[] {
  const all = sizes.reduce((sum, size) => sum + size, 0);
  if (all === 0) return sizes.map(() => 0);
  const counts = sizes.map((size) => Math.floor(total * size / all));
  const remainders = sizes.map((size) => total * size % all);
  const order = sizes.map((_, i) => i).sort((a, b) => remainders[b] - remainders[a] || a - b);
  const missing = total - counts.reduce((sum, count) => sum + count, 0);
  for (const i of order.slice(0, missing)) counts[i]++;
  return counts;
}

function byClass(labels: ArrayLike<number>, classes: number): number[][] {
  const members: number[][] = Array.from({ length: classes }, () => []);
  for (let i = 0; i < labels.length; i++) {
    const of = members[labels[i]];
    if (!of) {
      throw new RangeError(
        `Cannot split: label ${labels[i]} of image ${i} is not below ${classes}`,
      );
    }
    of.push(i);
  }
  return members;
}

function totalOf(part: { readonly count: number } | { readonly share: number }, all: number) {
  if ("count" in part) {
    if (!Number.isInteger(part.count) || part.count < 0) {
      throw new RangeError(`Cannot draw ${part.count} images: a count is a whole number`);
    }
    return Math.min(part.count, all);
  }
  if (!(part.share >= 0 && part.share <= 1)) {
    throw new RangeError(`Cannot draw a share of ${part.share}: it must be from 0 to 1`);
  }
  return Math.round(part.share * all);
}
