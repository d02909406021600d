/** Row by row. */
export type Matrix = readonly (readonly number[])[];

/** What attention starts from: a vector a patch, and three matrices. */
export interface AttentionInput {
  readonly patches: Matrix;
  readonly query: Matrix;
  readonly key: Matrix;
  readonly value: Matrix;
  readonly scale: boolean;
}

/** One softmax as it is written out. */
export interface Softmax {
  /** Subtracted from every score before the exponential; 0 where it is not needed. */
  readonly shift: number;
  readonly exponentials: number[];
  readonly sum: number;
  readonly weights: number[];
}

/** Attention from beginning to end, float64. */
export interface Attention {
  readonly queries: number[][];
  readonly keys: number[][];
  readonly values: number[][];
  /** q_i · k_j before any division. */
  readonly products: number[][];
  /** What the products are divided by: sqrt(d_k), or 1. */
  readonly divisor: number;
  readonly scores: number[][];
  readonly softmax: Softmax[];
  readonly weights: number[][];
  readonly outputs: number[][];
}

/**
 * Scores up to this size need no shift: e^20 is 4.9e8, and neither it nor its sum leaves the range
 * of float64. Beyond it the largest score is subtracted first, which changes no weight.
 */
export const LARGEST_PLAIN_SCORE = 20;

/** One head of attention (Vaswani et al. 2017, eq. 1), with column vectors: q = W_Q p. */
export function attend({ patches, query, key, value, scale }: AttentionInput): Attention {
  const queries = patches.map((patch) => times(query, patch));
  const keys = patches.map((patch) => times(key, patch));
  const values = patches.map((patch) => times(value, patch));
  const products = queries.map((q) => keys.map((k) => dot(q, k)));
  const divisor = scale ? Math.sqrt(key.length) : 1;
  const scores = products.map((row) => row.map((product) => product / divisor));
  const rows = scores.map(softmax);
  const weights = rows.map((row) => row.weights);
  const outputs = weights.map((row) =>
    values[0].map((_, c) => dot(row, values.map((value) => value[c])))
  );
  return { queries, keys, values, products, divisor, scores, softmax: rows, weights, outputs };
}

/** Weights that add up to 1, in proportion to the exponentials of the scores. */
export function softmax(scores: readonly number[]): Softmax {
  const most = scores.reduce((a, b) => Math.max(a, b));
  const shift = Math.abs(most) > LARGEST_PLAIN_SCORE ? most : 0;
  const exponentials = scores.map((score) => Math.exp(score - shift));
  const sum = exponentials.reduce((a, b) => a + b, 0);
  return { shift, exponentials, sum, weights: exponentials.map((e) => e / sum) };
}

/** Shannon entropy of weights, nats: 0 where one has all, ln n where they are even. */
export function entropy(weights: readonly number[]): number {
  // Added to 0, so that a single weight of 1 gives 0 and not -0.
  return 0 - weights.reduce((sum, w) => sum + (w > 0 ? w * Math.log(w) : 0), 0);
}

/**
 * The scalar product as a reader reckons it: 0.1 + 0.2 - 0.3 is 0 to them, and 5.6e-17 in float64.
 * Nothing where it is below what rounding leaves of its terms.
 */
export function readableDot(a: readonly number[], b: readonly number[]): number {
  const size = a.reduce((sum, x, i) => sum + Math.abs(x * b[i]), 0);
  const exact = dot(a, b);
  return Math.abs(exact) <= 2 ** -50 * size ? 0 : exact;
}

export function times(matrix: Matrix, vector: readonly number[]): number[] {
  return matrix.map((row) => dot(row, vector));
}

export function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, x, i) => sum + x * b[i], 0);
}
