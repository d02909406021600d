/**
 * What attention weights say, as plain arrays. A block's weights are `[H, T, T]`: how much token i
 * (row) attends to token j (column), by head; the class token is first, then the patches row by row.
 */

/**
 * Mean attention distance by head (Dosovitskiy et al. 2021, figure 7): how far from a patch, on
 * average over the patches, is what it attends to. The class token is left out, and the weights of
 * the patches made to sum to 1 without it. A patch that attends to the class token alone looks at no
 * place, and does not count; where all do, the distance is 0.
 *
 * @param weights `[H, T, T]`.
 * @param grid Patches down and across.
 * @param patchSize Height and width of a patch, pixels.
 * @param prefix Tokens before the patches.
 * @returns `[H]`, pixels.
 */
export function attentionDistance(
  weights: Float32Array,
  heads: number,
  grid: readonly [down: number, across: number],
  patchSize: readonly [height: number, width: number],
  prefix = 1,
): Float64Array {
  const patches = grid[0] * grid[1];
  const tokens = prefix + patches;
  const distances = distancesOf(grid, patchSize);
  return Float64Array.from({ length: heads }, (_, head) => {
    let [total, counted] = [0, 0];
    for (let from = 0; from < patches; from++) {
      const row = (head * tokens + prefix + from) * tokens + prefix;
      let [sum, weighted] = [0, 0];
      for (let to = 0; to < patches; to++) {
        sum += weights[row + to];
        weighted += weights[row + to] * distances[from * patches + to];
      }
      if (sum === 0) continue;
      total += weighted / sum;
      counted++;
    }
    return counted === 0 ? 0 : total / counted;
  });
}

/**
 * Mean distance over all pairs of patches, each with itself too: what attending to all patches alike
 * would give.
 *
 * @param grid Patches down and across.
 * @param patchSize Height and width of a patch, pixels.
 * @returns pixels.
 */
export function evenDistance(
  grid: readonly [down: number, across: number],
  patchSize: readonly [height: number, width: number],
): number {
  const distances = distancesOf(grid, patchSize);
  return distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
}

/** `[patches, patches]`, pixels. */
function distancesOf(
  [down, across]: readonly [number, number],
  [height, width]: readonly [number, number],
): Float64Array {
  const patches = down * across;
  return Float64Array.from({ length: patches * patches }, (_, pair) => {
    const [from, to] = [Math.floor(pair / patches), pair % patches];
    return Math.hypot(
      (Math.floor(from / across) - Math.floor(to / across)) * height,
      (from % across - to % across) * width,
    );
  });
}

/**
 * Mean entropy of attention by head, over all tokens: 0 where each attends to one token alone, ln T
 * where to all alike.
 *
 * @param weights `[H, T, T]`.
 * @returns `[H]`, nats.
 */
export function attentionEntropy(
  weights: Float32Array,
  heads: number,
  tokens: number,
): Float64Array {
  const numbers = tokens * tokens;
  return Float64Array.from({ length: heads }, (_, head) => {
    let total = 0;
    for (const weight of weights.subarray(head * numbers, (head + 1) * numbers)) {
      // Below this a weight's share of the entropy is nothing, and 0 has no logarithm.
      const share = Math.max(weight, 1e-12);
      total -= share * Math.log(share);
    }
    return total / tokens;
  });
}
