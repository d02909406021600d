import { gridOf, type ModelConfig, prefixPositions } from "./model_config.ts";
import type { HostTensor } from "./host_tensor.ts";

/**
 * Fits a model's position embeddings to images of another size, as Hugging Face's
 * `interpolate_pos_encoding` does: bicubic, each side by its own factor; in DINOv2 with registers
 * antialiased.
 *
 * @param weights Tensors of a model for images of `config.imageSize`.
 * @param imageSize Height and width, pixels; multiples of the patch's.
 * @returns The model for images of `imageSize`; all other tensors are the same objects.
 * @throws {RangeError} if a patch does not fit a whole number of times.
 */
export function atImageSize(
  config: ModelConfig,
  weights: ReadonlyMap<string, HostTensor>,
  imageSize: readonly [height: number, width: number],
): { config: ModelConfig; weights: Map<string, HostTensor> } {
  const resized = { ...config, imageSize };
  if (imageSize.some((side, axis) => side < 1 || side % config.patchSize[axis] !== 0)) {
    throw new RangeError(
      `Cannot cut images of ${imageSize.join("x")} into patches of ${config.patchSize.join("x")}`,
    );
  }
  const [from, to] = [gridOf(config), gridOf(resized)];
  const copy = new Map(weights);
  if (from[0] === to[0] && from[1] === to[1]) return { config: resized, weights: copy };
  const name = `${config.family}.embeddings.position_embeddings`;
  const { data } = weights.get(name)!;
  const width = config.hiddenSize;
  const prefix = prefixPositions(config) * width;
  const antialias = config.family === "dinov2_with_registers";
  const patches = resizeBicubic(data.subarray(prefix), from, to, width, antialias);
  const joined = new Float32Array(prefix + patches.length);
  joined.set(data.subarray(0, prefix));
  joined.set(patches, prefix);
  copy.set(name, { shape: [1, joined.length / width, width], data: joined });
  return { config: resized, weights: copy };
}

/**
 * Bicubic interpolation of a grid of vectors, as PyTorch's `interpolate(mode="bicubic",
 * align_corners=False)`.
 *
 * @param grid `[from[0], from[1], width]`.
 * @param antialias Where the grid shrinks, the kernel grows with it. PyTorch takes another kernel then.
 * @returns `[to[0], to[1], width]`.
 */
export function resizeBicubic(
  grid: Float32Array,
  from: readonly [number, number],
  to: readonly [number, number],
  width: number,
  antialias = false,
): Float32Array {
  const mixes = antialias ? antialiased : taps;
  const [rows, columns] = [mixes(from[0], to[0]), mixes(from[1], to[1])];
  const result = new Float32Array(to[0] * to[1] * width);
  for (let y = 0; y < to[0]; y++) {
    for (let x = 0; x < to[1]; x++) {
      const target = (y * to[1] + x) * width;
      for (const [row, rowWeight] of rows[y]) {
        for (const [column, columnWeight] of columns[x]) {
          const source = (row * from[1] + column) * width;
          const weight = rowWeight * columnWeight;
          for (let i = 0; i < width; i++) result[target + i] += weight * grid[source + i];
        }
      }
    }
  }
  return result;
}

/** A place of the old axis, and its share in one of the new. */
type Tap = [index: number, weight: number];

/** For each place along an axis of `to` places: the four of `from` that it mixes, and their shares. */
function taps(from: number, to: number): Tap[][] {
  return Array.from({ length: to }, (_, place) => {
    const centre = (place + 0.5) * (from / to) - 0.5;
    const first = Math.floor(centre);
    return [-1, 0, 1, 2].map((offset): Tap => {
      const index = Math.min(Math.max(first + offset, 0), from - 1);
      return [index, cubic(Math.abs(centre - first - offset), -0.75)];
    });
  });
}

/** The same with antialiasing: all of `from` within the kernel's reach, the edge's share left out. */
function antialiased(from: number, to: number): Tap[][] {
  const scale = from / to;
  const stretch = Math.max(scale, 1);
  const reach = 2 * stretch;
  return Array.from({ length: to }, (_, place) => {
    const centre = (place + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - reach + 0.5));
    const end = Math.min(from, Math.trunc(centre + reach + 0.5));
    const some = Array.from({ length: end - first }, (_, i): Tap => {
      const distance = Math.abs(first + i - centre + 0.5) / stretch;
      return [first + i, cubic(distance, -0.5)];
    });
    const sum = some.reduce((total, [, weight]) => total + weight, 0);
    return some.map(([index, weight]): Tap => [index, weight / sum]);
  });
}

/**
 * Keys' cubic convolution kernel (1981). PyTorch takes a = -0.75, and -0.5 with antialiasing, as
 * Pillow does.
 */
function cubic(distance: number, a: number): number {
  if (distance <= 1) return ((a + 2) * distance - (a + 3)) * distance * distance + 1;
  if (distance < 2) return a * (((distance - 5) * distance + 8) * distance - 4);
  return 0;
}
