/** What is left out of attention before it is followed through the blocks. */
export interface Discard {
  /** Share of the patches that loses its weight in each row, rounded down to whole patches. */
  readonly share: number;
  /** Tokens before the patches, which never lose theirs. */
  readonly prefix: number;
}

/**
 * Attention rollout (Abnar and Zuidema 2020) of one output token: how much of each input token reaches
 * it through all blocks. Each block's weights are averaged over heads and mixed half and half with the
 * identity, for the residual connection; rows sum to 1 again; then the blocks are multiplied. From the
 * top down that is a vector times a matrix a block, tokens squared where all rows take tokens cubed.
 *
 * Scripts that leave out small weights often set the smallest of the whole matrix to 0, of the first
 * image of a batch alone, also those of the class token, and divide by sums over the wrong axis. Here
 * it is done row by row, to patches alone, after the mean over heads and before the identity is added:
 * a row loses its smallest weights (of equal ones the first), and what it keeps adds up to 1 again.
 *
 * @param blocks From below, `[H, T, T]` each.
 * @param options.row 0 for the class token.
 * @param options.discard Missing: nothing is left out.
 * @returns `[T]`, adds up to 1.
 */
export function rolloutRow(
  blocks: readonly Float32Array[],
  heads: number,
  tokens: number,
  { row = 0, discard }: { row?: number; discard?: Discard } = {},
): Float64Array {
  let result = new Float64Array(tokens);
  result[row] = 1;
  for (const weights of blocks.toReversed()) {
    const mixed = withResidual(meanOverHeads(weights, heads, tokens), tokens, discard);
    result = times(result, mixed);
  }
  return result;
}

/** A row `[T]` times a matrix `[T, T]`. */
export function times(row: Float64Array, matrix: ArrayLike<number>): Float64Array<ArrayBuffer> {
  const tokens = row.length;
  const product = new Float64Array(tokens);
  for (let k = 0; k < tokens; k++) {
    if (row[k] === 0) continue;
    for (let to = 0; to < tokens; to++) product[to] += row[k] * matrix[k * tokens + to];
  }
  return product;
}

/** `[H, T, T]` to `[T, T]`. */
function meanOverHeads(weights: Float32Array, heads: number, tokens: number): Float64Array {
  const mean = new Float64Array(tokens * tokens);
  for (let i = 0; i < mean.length; i++) {
    for (let head = 0; head < heads; head++) mean[i] += weights[head * mean.length + i] / heads;
  }
  return mean;
}

/** Half and half with the identity, in place; rows sum to 1. */
function withResidual(mean: Float64Array, tokens: number, discard?: Discard): Float64Array {
  for (let i = 0; i < tokens; i++) {
    const row = mean.subarray(i * tokens, (i + 1) * tokens);
    if (discard !== undefined) discardSmallest(row.subarray(discard.prefix), discard.share);
    normalise(row);
    for (let to = 0; to < tokens; to++) row[to] = 0.5 * row[to] + (to === i ? 0.5 : 0);
  }
  return mean;
}

function discardSmallest(patches: Float64Array, share: number): void {
  const count = Math.floor(patches.length * share);
  if (count === 0) return;
  const order = [...patches.keys()].sort((a, b) => patches[a] - patches[b]); // stable
  for (const patch of order.slice(0, count)) patches[patch] = 0;
}

function normalise(row: Float64Array): void {
  const sum = row.reduce((total, share) => total + share, 0);
  for (let i = 0; i < row.length; i++) row[i] /= sum;
}
