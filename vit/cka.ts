/**
 * Inner products of an image's representation with every other's, made unbiased for
 * {@linkcode cka}: the diagonal left out, and rows and columns centred without it.
 *
 * @param x `[n, d]`, row by row; at least four rows.
 * @returns `[n, n]`.
 * @throws {RangeError} if there are fewer than four rows: the unbiased estimate divides by n - 3.
 */
export function centredGram(x: ArrayLike<number>, n: number): Float64Array {
  if (n < 4) throw new RangeError(`Cannot compare representations of ${n} images: it takes four`);
  const d = x.length / n;
  const gram = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      let sum = 0;
      for (let k = 0; k < d; k++) sum += x[i * d + k] * x[j * d + k];
      gram[i * n + j] = gram[j * n + i] = sum;
    }
  }
  // U-centring (Székely and Rizzo 2014, section 3): then the mean product is HSIC without bias.
  const rows = Float64Array.from(
    { length: n },
    (_, i) => gram.subarray(i * n, (i + 1) * n).reduce((sum, value) => sum + value, 0),
  );
  const all = rows.reduce((sum, value) => sum + value, 0);
  const before = product(gram, gram);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if (i === j) continue;
      gram[i * n + j] += all / ((n - 1) * (n - 2)) - (rows[i] + rows[j]) / (n - 2);
    }
  }
  // What is the same for all images leaves nothing but rounding.
  return product(gram, gram) > ROUNDING ** 2 * before ? gram : gram.fill(0);
}

/** Below this share of what was there, what is left is rounding. */
const ROUNDING = 1e-10;

/**
 * Linear CKA, how alike two representations of the same images are: 1 where one is the other turned,
 * moved or scaled, about 0 where they have nothing in common (Kornblith et al. 2019), by the estimate
 * without bias (Nguyen et al. 2021): the plain one comes near 1 for any representation with more
 * numbers than there are images. It may fall below 0 by chance.
 *
 * @param x,y What {@linkcode centredGram} gives for the same images.
 * @returns null where a representation is the same for all images, and there is nothing to compare.
 */
export function cka(x: Float64Array, y: Float64Array): number | null {
  const between = product(x, y);
  const own = Math.sqrt(product(x, x) * product(y, y));
  return own > 0 ? between / own : null;
}

function product(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * y[i];
  return sum;
}
