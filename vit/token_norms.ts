import { median } from "../base/statistics.ts";

/** From where on a norm is high. */
export interface NormThreshold {
  readonly median: number;
  readonly threshold: number;
}

/** {@linkcode highNorm} in words. */
export const HIGH_NORM_RULE =
  "more than twice the median, and more than 5 deviations above it (1.4826 times the median distance from the median)";

/**
 * From where on the norm of a patch's token is high: "high-norm tokens" of Darcet et al. 2024 ("Vision
 * transformers need registers"), who put a line by hand between two heaps. Here it is drawn by what a
 * few outliers do not move: above twice the median, so that it is another size, and above five
 * deviations, estimated from the median distance to the median, so that it is no tail of the rest.
 *
 * @param norms Of all patches' tokens after one block, over all images. Not empty.
 */
export function highNorm(norms: Float32Array): NormThreshold {
  const middle = median(norms);
  const deviation = 1.4826 * median(norms.map((norm) => Math.abs(norm - middle)));
  return { median: middle, threshold: Math.max(2 * middle, middle + 5 * deviation) };
}
