/** How images lie in memory, and in which patches they are cut. */
export interface Layout {
  /** Pixels. */
  readonly imageSize: readonly [height: number, width: number];
  /** Pixels; divides the image's. */
  readonly patchSize: readonly [height: number, width: number];
}

/**
 * What stands where a patch is removed: the image itself with nothing to see.
 *
 * @param image `[height, width, 3]`.
 * @param removed `mean`: its mean colour everywhere; `blur`: the image blurred with a Gaussian whose
 * deviation is a patch's longer side, which leaves colours where they were and no shapes.
 */
export function replacement(
  image: Float32Array,
  removed: "mean" | "blur",
  { imageSize: [height, width], patchSize }: Layout,
): Float32Array {
  if (removed === "blur") return blurred(image, height, width, Math.max(...patchSize));
  const mean = [0, 0, 0];
  image.forEach((value, i) => mean[i % 3] += value);
  return image.map((_, i) => mean[i % 3] / (height * width));
}

/**
 * Copies patches from one image into another.
 *
 * @param patches Counted row by row.
 */
export function copyPatches(
  from: Float32Array,
  to: Float32Array,
  patches: Iterable<number>,
  { imageSize: [, width], patchSize: [patchHeight, patchWidth] }: Layout,
): void {
  const across = width / patchWidth;
  for (const patch of patches) {
    const left = patch % across * patchWidth;
    const top = Math.floor(patch / across) * patchHeight;
    for (let y = top; y < top + patchHeight; y++) {
      const at = (y * width + left) * 3;
      to.set(from.subarray(at, at + patchWidth * 3), at);
    }
  }
}

/** A separable Gaussian cut off at three deviations; beyond the edge the edge goes on. */
function blurred(image: Float32Array, height: number, width: number, deviation: number) {
  const reach = Math.ceil(3 * deviation);
  const kernel = Float64Array.from(
    { length: 2 * reach + 1 },
    (_, i) => Math.exp(-(((i - reach) / deviation) ** 2) / 2),
  );
  const sum = kernel.reduce((a, b) => a + b);
  const pass = (input: Float32Array, length: number, step: number) =>
    input.map((_, i) => {
      const place = Math.floor(i / step) % length;
      let value = 0;
      for (let k = -reach; k <= reach; k++) {
        const at = Math.max(0, Math.min(length - 1, place + k));
        value += kernel[k + reach] * input[i + (at - place) * step];
      }
      return value / sum;
    });
  return pass(pass(image, width, 3), height, 3 * width);
}
