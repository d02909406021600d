import { UserError } from "../base/errors.ts";
import type { HostTensor } from "./host_tensor.ts";
import { symmetricEigen } from "./symmetric_eigen.ts";

/** A direction with so small a share of the largest variance has none but that of rounding. */
const NO_VARIANCE = 1e-12;

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
    const norm = Math.sqrt(dot(row, row)) || 1;
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
 * @returns `components` `[count, height, width, 3]` of unit length, the largest entry positive (all 0
 * where the filters differ in no further direction), and `variance` `[count]`, the share of the
 * filters' variance that each explains.
 * @throws {UserError} if a filter holds what is no finite number.
 */
export function patchComponents(
  { data, shape: [filters, channels, height, width] }: HostTensor,
  count: number,
): { components: Float32Array; variance: Float32Array } {
  if (!data.every(Number.isFinite)) {
    throw new UserError(
      "Cannot use this model: its patch projection has numbers that are not finite",
      {
        hint: "Its weights are spoilt; take another checkpoint",
      },
    );
  }
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
 * Right singular vectors of x for its largest singular values, from the smaller of x x^T and x^T x.
 * @returns `vectors` `[count, columns]` of unit length, zero where the singular value is, and `values`
 * `[count]`, the squares of the singular values.
 */
function leadingDirections(x: Float64Array, rows: number, columns: number, count: number) {
  const wide = rows < columns;
  const n = Math.min(rows, columns);
  const { values, vectors: own } = symmetricEigen(
    gram(wide ? x : transposed(x, rows, columns), n, wide ? columns : rows),
    n,
  );
  const ranked = Array.from(values, (value, i) => ({ value: Math.max(0, value), i }))
    .sort((a, b) => b.value - a.value).slice(0, count);
  const vectors = new Float64Array(count * columns);
  ranked.forEach(({ value, i }, k) => {
    const direction = own.subarray(i * n, (i + 1) * n);
    const vector = vectors.subarray(k * columns, (k + 1) * columns);
    if (!wide) return vector.set(direction);
    // Below this only rounding is left of it, and nothing to tell a direction from.
    if (value <= NO_VARIANCE * ranked[0].value) return;
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < columns; i++) vector[i] += direction[row] * x[row * columns + i];
    }
    const length = Math.sqrt(value);
    for (let i = 0; i < columns; i++) vector[i] /= length;
  });
  return { vectors, values: ranked.map(({ value }) => value) };
}

function transposed(x: Float64Array, rows: number, columns: number): Float64Array {
  return Float64Array.from(x, (_, i) => x[(i % rows) * columns + Math.floor(i / rows)]);
}

/** x x^T. */
function gram(x: Float64Array, rows: number, columns: number): Float64Array {
  const product = new Float64Array(rows * rows);
  const row = (i: number) => x.subarray(i * columns, (i + 1) * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = i; j < rows; j++) {
      product[i * rows + j] = product[j * rows + i] = dot(row(i), row(j));
    }
  }
  return product;
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
