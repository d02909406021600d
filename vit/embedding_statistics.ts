import type { HostTensor } from "./host_tensor.ts";

/**
 * Cosine similarity between the position embeddings of patches (Dosovitskiy et al. 2021, figure 7).
 *
 * @param embeddings `[1, tokens, width]`.
 * @param prefix Tokens before the patches (the class token), left out.
 * @param width Of a token.
 * @returns `[patches, patches]`, 1 on the diagonal.
 */
export function positionSimilarity(
  embeddings: Float32Array,
  prefix: number,
  width: number,
): Float32Array {
  const patches = embeddings.length / width - prefix;
  const unit = Array.from({ length: patches }, (_, patch) => {
    const row = embeddings.slice((prefix + patch) * width, (prefix + patch + 1) * width);
    const norm = Math.hypot(...row) || 1;
    return row.map((x) => x / norm);
  });
  const similarity = new Float32Array(patches * patches);
  for (let i = 0; i < patches; i++) {
    for (let j = i; j < patches; j++) {
      similarity[i * patches + j] = similarity[j * patches + i] = dot(unit[i], unit[j]);
    }
  }
  return similarity;
}

/**
 * Leading principal components of the patch projection's filters (Dosovitskiy et al. 2021, figure 7):
 * the directions in the space of patches in which the filters differ most.
 *
 * @param projection `[width, channels = 3, height, width of a patch]`, as in the checkpoint.
 * @param count How many; fewer where there are fewer filters or fewer pixels.
 * @returns `components` `[count, height, width, 3]` of unit length, the largest entry positive, and
 * `variance` `[count]`, the share of the filters' variance that each explains.
 */
export function patchComponents(
  { data, shape: [filters, channels, height, width] }: HostTensor,
  count: number,
): { components: Float32Array; variance: Float32Array } {
  const size = channels * height * width;
  const kept = Math.min(count, filters - 1, size);
  const centered = centerColumns(data, filters, size);
  const total = centered.reduce((sum, x) => sum + x * x, 0);
  const { vectors, values } = leadingDirections(centered, filters, size, kept);

  const components = new Float32Array(kept * size);
  for (let k = 0; k < kept; k++) {
    const vector = vectors.subarray(k * size, (k + 1) * size);
    // A direction has no sign; fix one, so that the same filters give the same picture.
    const largest = vector.reduce((best, x) => Math.abs(x) > Math.abs(best) ? x : best, 0);
    for (let c = 0; c < channels; c++) {
      for (let p = 0; p < height * width; p++) {
        components[k * size + p * channels + c] = vector[c * height * width + p] *
          Math.sign(largest || 1);
      }
    }
  }
  return {
    components,
    variance: Float32Array.from(values, (value) => total > 0 ? value / total : 0),
  };
}

function centerColumns(data: Float32Array, rows: number, columns: number): Float64Array {
  const centered = Float64Array.from(data);
  for (let column = 0; column < columns; column++) {
    let mean = 0;
    for (let row = 0; row < rows; row++) mean += data[row * columns + column] / rows;
    for (let row = 0; row < rows; row++) centered[row * columns + column] -= mean;
  }
  return centered;
}

/**
 * Eigenvectors of x^T x for its largest eigenvalues, by orthogonal iteration (Golub and Van Loan,
 * section 8.2.4) with a few directions more than are wanted, which makes the last ones settle.
 */
function leadingDirections(x: Float64Array, rows: number, columns: number, count: number) {
  const width = Math.min(columns, count + 8);
  // Any start that is not orthogonal to the answer does; this one is the same every time.
  let basis = Float64Array.from({ length: width * columns }, (_, i) => Math.sin(1 + i * 1.618));
  orthonormalize(basis, width, columns);
  for (let iteration = 0; iteration < 60; iteration++) {
    basis = applyGram(x, rows, columns, basis, width);
    orthonormalize(basis, width, columns);
  }
  const image = applyGram(x, rows, columns, basis, width);
  const ranked = Array.from({ length: width }, (_, k) => {
    const at = k * columns;
    return { k, value: dot(basis.subarray(at, at + columns), image.subarray(at, at + columns)) };
  }).sort((a, b) => b.value - a.value).slice(0, count);
  const vectors = new Float64Array(count * columns);
  ranked.forEach(({ k }, i) =>
    vectors.set(basis.subarray(k * columns, (k + 1) * columns), i * columns)
  );
  return { vectors, values: ranked.map(({ value }) => value) };
}

/** x^T (x v) for each row v of the basis. */
function applyGram(
  x: Float64Array,
  rows: number,
  columns: number,
  basis: Float64Array,
  width: number,
) {
  const result = new Float64Array(width * columns);
  for (let k = 0; k < width; k++) {
    const v = basis.subarray(k * columns, (k + 1) * columns);
    const target = result.subarray(k * columns, (k + 1) * columns);
    for (let row = 0; row < rows; row++) {
      const filter = x.subarray(row * columns, (row + 1) * columns);
      const along = dot(filter, v);
      for (let i = 0; i < columns; i++) target[i] += along * filter[i];
    }
  }
  return result;
}

/** Modified Gram-Schmidt on the rows, in place. */
function orthonormalize(basis: Float64Array, width: number, columns: number): void {
  for (let k = 0; k < width; k++) {
    const v = basis.subarray(k * columns, (k + 1) * columns);
    for (let j = 0; j < k; j++) {
      const u = basis.subarray(j * columns, (j + 1) * columns);
      const along = dot(u, v);
      for (let i = 0; i < columns; i++) v[i] -= along * u[i];
    }
    const norm = Math.sqrt(dot(v, v)) || 1;
    for (let i = 0; i < columns; i++) v[i] /= norm;
  }
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
