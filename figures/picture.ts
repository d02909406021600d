import { Buffer } from "node:buffer";
import { encodePng, type Picture } from "./png.ts";

export type { Picture } from "./png.ts";

/**
 * A picture as a data URL. A small one is enlarged by a whole factor with nearest neighbour, so that
 * its pixels stay squares: what draws the figure would blur them.
 *
 * @param smallest Width in pixels that it has at least.
 */
export function dataUrl(picture: Picture, smallest = 0): string {
  const factor = Math.max(1, Math.ceil(smallest / picture.width));
  return `data:image/png;base64,${
    Buffer.from(encodePng(enlarge(picture, factor))).toString("base64")
  }`;
}

/** Each pixel becomes `factor` x `factor` of them. */
export function enlarge(picture: Picture, factor: number): Picture {
  if (factor === 1) return picture;
  const [width, height] = [picture.width * factor, picture.height * factor];
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / factor) * picture.width;
    for (let x = 0; x < width; x++) {
      const from = (row + Math.floor(x / factor)) * 3;
      data.set(picture.data.subarray(from, from + 3), (y * width + x) * 3);
    }
  }
  return { width, height, data };
}

/**
 * Pictures of a stack.
 * @param data `[count, height, width, 3]`, 0 to 255.
 */
export function unstack(data: Uint8Array, shape: readonly number[]): Picture[] {
  const [pictures, height, width] = shape;
  const size = height * width * 3;
  return Array.from({ length: pictures }, (_, i) => ({
    width,
    height,
    data: data.subarray(i * size, (i + 1) * size),
  }));
}

/**
 * Makes a picture of any numbers: the smallest becomes 0, the largest 255, all channels alike.
 * @param values `[height, width, 3]`.
 */
export function stretched(values: ArrayLike<number>, width: number, height: number): Picture {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]);
    high = Math.max(high, values[i]);
  }
  const scale = high > low ? 255 / (high - low) : 0;
  const data = Uint8Array.from(values, (value) => Math.round((value - low) * scale));
  return { width, height, data };
}
