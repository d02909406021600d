import type { Random } from "../base/random.ts";
import type { Size } from "./resample.ts";

/** Of which parts of an image one is drawn. */
export interface CropRanges {
  /** Smallest and largest share of the image's area. */
  readonly scale: readonly [number, number];
  /** Smallest and largest width by height. */
  readonly ratio: readonly [number, number];
}

/** A part of an image, in pixels. */
export interface Box extends Size {
  readonly top: number;
  readonly left: number;
}

/** Draws that fail because the part would not fit, before the middle is taken. */
const TRIES = 10;

/**
 * Draws a part of an image as torchvision's `RandomResizedCrop.get_params`: the area evenly, the
 * ratio evenly in its logarithm, the place evenly among those where it fits. Where ten draws did not
 * fit it is the largest part in the middle with a ratio in the range.
 */
export function drawCrop(size: Size, { scale, ratio }: CropRanges, random: Random): Box {
  const { height, width } = size;
  const between = ([low, high]: readonly [number, number]) => low + (high - low) * random.uniform();
  for (let i = 0; i < TRIES; i++) {
    const area = height * width * between(scale);
    const aspect = Math.exp(between([Math.log(ratio[0]), Math.log(ratio[1])]));
    const w = Math.round(Math.sqrt(area * aspect));
    const h = Math.round(Math.sqrt(area / aspect));
    if (w < 1 || h < 1 || w > width || h > height) continue;
    const top = random.below(height - h + 1);
    return { top, left: random.below(width - w + 1), height: h, width: w };
  }
  return middle(size, ratio);
}

/** The largest part in the middle with a ratio in the range. */
export function middle({ height, width }: Size, ratio: readonly [number, number]): Box {
  const own = width / height;
  const w = own > ratio[1] ? Math.max(1, Math.round(height * ratio[1])) : width;
  const h = own < ratio[0] ? Math.max(1, Math.round(width / ratio[0])) : height;
  return {
    top: Math.floor((height - h) / 2),
    left: Math.floor((width - w) / 2),
    height: h,
    width: w,
  };
}

/**
 * Copies a part of an image.
 * @param image `[height, width, 3]` of `size`.
 * @param into At least as long as the part.
 * @returns The filled start of `into`: `[box.height, box.width, 3]`.
 */
export function cut(image: Uint8Array, size: Size, box: Box, into: Uint8Array): Uint8Array {
  for (let y = 0; y < box.height; y++) {
    const from = ((box.top + y) * size.width + box.left) * 3;
    into.set(image.subarray(from, from + box.width * 3), y * box.width * 3);
  }
  return into.subarray(0, box.height * box.width * 3);
}
