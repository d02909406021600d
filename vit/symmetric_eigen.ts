/**
 * All eigenvalues and eigenvectors of a symmetric matrix: EISPACK's tred2 and tql2 (Wilkinson and
 * Reinsch 1971, contributions II/3 and II/4), in the form that JAMA gave them. Some 3 n^3 products;
 * 768 rows take seconds.
 *
 * @param matrix `[n, n]`, row by row, of finite numbers; it is overwritten.
 * @returns `values` `[n]`, in no order, and `vectors` `[n, n]`, whose row i has length 1 and belongs
 * to value i.
 */
export function symmetricEigen(
  matrix: Float64Array,
  n: number,
): { values: Float64Array; vectors: Float64Array } {
  const diagonal = new Float64Array(n);
  const below = new Float64Array(n);
  // Row i of v is column i of the matrix: symmetric, so the same; then of what it becomes.
  const v = Array.from({ length: n }, (_, i) => matrix.subarray(i * n, (i + 1) * n));
  tridiagonalise(v, diagonal, below, n);
  iterate(v, diagonal, below, n);
  return { values: diagonal, vectors: matrix };
}

/**
 * Householder reflections that leave a diagonal `d` and one `e` below it (from index 1); `v` becomes
 * their product.
 */
function tridiagonalise(v: Float64Array[], d: Float64Array, e: Float64Array, n: number): void {
  for (let j = 0; j < n; j++) d[j] = v[j][n - 1];
  for (let i = n - 1; i > 0; i--) {
    let [scale, h] = [0, 0];
    for (let k = 0; k < i; k++) scale += Math.abs(d[k]);
    if (scale === 0) {
      e[i] = d[i - 1];
      for (let j = 0; j < i; j++) {
        d[j] = v[j][i - 1];
        v[j][i] = v[i][j] = 0;
      }
    } else {
      h = reflect(v, d, e, i, scale);
    }
    d[i] = h;
  }
  // The reflections, multiplied from the smallest on.
  for (let i = 0; i < n - 1; i++) {
    v[i][n - 1] = v[i][i];
    v[i][i] = 1;
    const h = d[i + 1];
    const next = v[i + 1];
    if (h !== 0) {
      for (let k = 0; k <= i; k++) d[k] = next[k] / h;
      for (let j = 0; j <= i; j++) {
        const column = v[j];
        let g = 0;
        for (let k = 0; k <= i; k++) g += next[k] * column[k];
        for (let k = 0; k <= i; k++) column[k] -= g * d[k];
      }
    }
    for (let k = 0; k <= i; k++) next[k] = 0;
  }
  for (let j = 0; j < n; j++) {
    d[j] = v[j][n - 1];
    v[j][n - 1] = 0;
  }
  v[n - 1][n - 1] = 1;
  e[0] = 0;
}

/** Clears row `i` (in `d`) left of its last entry, by a reflection applied to what is above. */
function reflect(v: Float64Array[], d: Float64Array, e: Float64Array, i: number, scale: number) {
  let h = 0;
  for (let k = 0; k < i; k++) {
    d[k] /= scale;
    h += d[k] * d[k];
  }
  const last = d[i - 1];
  const g = last > 0 ? -Math.sqrt(h) : Math.sqrt(h);
  e[i] = scale * g;
  h -= last * g;
  d[i - 1] = last - g;
  e.fill(0, 0, i);
  for (let j = 0; j < i; j++) {
    const column = v[j];
    const f = v[i][j] = d[j];
    let product = e[j] + column[j] * f;
    for (let k = j + 1; k < i; k++) {
      product += column[k] * d[k];
      e[k] += column[k] * f;
    }
    e[j] = product;
  }
  let f = 0;
  for (let j = 0; j < i; j++) {
    e[j] /= h;
    f += e[j] * d[j];
  }
  for (let j = 0; j < i; j++) e[j] -= f / (h + h) * d[j];
  for (let j = 0; j < i; j++) {
    const column = v[j];
    for (let k = j; k < i; k++) column[k] -= d[j] * e[k] + e[j] * d[k];
    d[j] = column[i - 1];
    column[i] = 0;
  }
  return h;
}

/** QL iterations with implicit shifts, until nothing is left below the diagonal. */
function iterate(v: Float64Array[], d: Float64Array, e: Float64Array, n: number): void {
  e.copyWithin(0, 1);
  e[n - 1] = 0;
  let [shift, largest] = [0, 0];
  for (let l = 0; l < n; l++) {
    largest = Math.max(largest, Math.abs(d[l]) + Math.abs(e[l]));
    const small = (x: number) => Math.abs(x) <= Number.EPSILON * largest;
    let m = l;
    while (m < n - 1 && !small(e[m])) m++;
    while (m > l && !small(e[l])) shift += sweep(v, d, e, l, m, n);
    d[l] += shift;
    e[l] = 0;
  }
}

/** One iteration on the block from `l` to `m`. @returns what it took off the diagonal. */
function sweep(
  v: Float64Array[],
  d: Float64Array,
  e: Float64Array,
  l: number,
  m: number,
  n: number,
): number {
  const g = d[l];
  const half = (d[l + 1] - g) / (2 * e[l]);
  const r = half < 0 ? -Math.hypot(half, 1) : Math.hypot(half, 1);
  d[l] = e[l] / (half + r);
  d[l + 1] = e[l] * (half + r);
  const next = d[l + 1];
  const shift = g - d[l];
  for (let i = l + 2; i < n; i++) d[i] -= shift;

  const firstBelow = e[l + 1];
  let p = d[m];
  let [c, c2, c3] = [1, 1, 1];
  let [s, s2] = [0, 0];
  for (let i = m - 1; i >= l; i--) {
    [c3, c2, s2] = [c2, c, s];
    const ce = c * e[i];
    const cp = c * p;
    const length = Math.hypot(p, e[i]);
    e[i + 1] = s * length;
    s = e[i] / length;
    c = p / length;
    p = c * d[i] - s * ce;
    d[i + 1] = cp + s * (c * ce + s * d[i]);
    rotate(v[i], v[i + 1], c, s);
  }
  p = -s * s2 * c3 * firstBelow * e[l] / next;
  e[l] = s * p;
  d[l] = c * p;
  return shift;
}

function rotate(a: Float64Array, b: Float64Array, c: number, s: number): void {
  for (let k = 0; k < a.length; k++) {
    const old = b[k];
    b[k] = s * a[k] + c * old;
    a[k] = c * a[k] - s * old;
  }
}
