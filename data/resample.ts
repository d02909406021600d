import {
  filterTaps,
  nearestIndices,
  type Resample,
  type Taps,
  WEIGHT_BITS,
} from "./resample_filters.ts";

export { type Resample, RESAMPLE_NAMES } from "./resample_filters.ts";

/** Height and width in pixels. */
export interface Size {
  readonly height: number;
  readonly width: number;
}

/**
 * Resizes one image.
 *
 * @param pixels RGB, uint8, `[height, width, 3]` of the size that the resizer was made for.
 * @param into Where the result goes, `[height, width, 3]`; made where it is not given.
 * @returns `into`.
 * @throws {RangeError} if either has another length.
 */
export type Resizer = (pixels: Uint8Array, into?: Uint8Array) => Uint8Array;

/** Half a unit of a pixel: the sum is rounded, not cut. */
const HALF = 1 << (WEIGHT_BITS - 1);

/**
 * Makes a resizer that gives, bit for bit, what Pillow's `Image.resize` gives for RGB images
 * (`Resample.c`; `Geometry.c` for nearest): first along the rows, then along the columns, each pass
 * in fixed point, rounded and clipped to 8 bits; a side that keeps its length has no pass.
 *
 * The weights are computed here, once; use one resizer for all images of a size. It has working
 * memory of its own: one resizer works on one image at a time.
 *
 * @throws {RangeError} if a side is not a positive integer.
 */
export function createResizer(from: Size, to: Size, filter: Resample): Resizer {
  for (const side of [from.height, from.width, to.height, to.width]) {
    if (!Number.isInteger(side) || side < 1) {
      throw new RangeError(`Cannot resize to or from ${side} pixels: sides are positive integers`);
    }
  }
  const fill = passes(from, to, filter);
  const fromLength = from.height * from.width * 3;
  const toLength = to.height * to.width * 3;
  return (pixels, into = new Uint8Array(toLength)) => {
    if (pixels.length !== fromLength) {
      throw new RangeError(
        `Cannot resize ${pixels.length} bytes as ${from.width}x${from.height}: ` +
          `such an image has ${fromLength}`,
      );
    }
    if (into.length !== toLength) {
      throw new RangeError(
        `Cannot write ${to.width}x${to.height} pixels into ${into.length} bytes: ` +
          `they take ${toLength}`,
      );
    }
    fill(pixels, into);
    return into;
  };
}

/** What has to be done for this pair of sizes, with everything precomputed. */
function passes(
  from: Size,
  to: Size,
  filter: Resample,
): (pixels: Uint8Array, into: Uint8Array) => void {
  const widthChanges = from.width !== to.width;
  const heightChanges = from.height !== to.height;
  if (!widthChanges && !heightChanges) return (pixels, into) => into.set(pixels);
  if (filter === "nearest") {
    const rows = nearestIndices(from.height, to.height);
    const columns = nearestIndices(from.width, to.width);
    return (pixels, into) => pickNearest(pixels, from.width, rows, columns, into);
  }
  const across = filterTaps(from.width, to.width, filter);
  const down = filterTaps(from.height, to.height, filter);
  if (!heightChanges) return (pixels, into) => resizeRows(pixels, from.width, across, into);
  if (!widthChanges) return (pixels, into) => resizeColumns(pixels, to.width, down, into);
  const between = new Uint8Array(from.height * to.width * 3);
  return (pixels, into) => {
    resizeRows(pixels, from.width, across, between);
    resizeColumns(between, to.width, down, into);
  };
}

function pickNearest(
  pixels: Uint8Array,
  width: number,
  rows: Int32Array,
  columns: Int32Array,
  into: Uint8Array,
): void {
  let at = 0;
  for (let y = 0; y < rows.length; y++) {
    const row = rows[y] * width;
    for (let x = 0; x < columns.length; x++) {
      const source = (row + columns[x]) * 3;
      into[at++] = pixels[source];
      into[at++] = pixels[source + 1];
      into[at++] = pixels[source + 2];
    }
  }
}

/** The first pass: `[height, from, 3]` to `[height, to, 3]`. */
function resizeRows(pixels: Uint8Array, width: number, taps: Taps, into: Uint8Array): void {
  const { count, first, weights } = taps;
  const to = first.length;
  const height = pixels.length / (width * 3);
  // A clamped view clips to 0..255 as it stores; the values are integers, so it rounds nothing.
  const clipped = new Uint8ClampedArray(into.buffer, into.byteOffset, into.length);
  let at = 0;
  for (let y = 0; y < height; y++) {
    const row = y * width * 3;
    for (let x = 0; x < to; x++) {
      let red = HALF, green = HALF, blue = HALF;
      let source = row + first[x] * 3;
      for (let k = x * count, end = k + count; k < end; k++, source += 3) {
        const weight = weights[k];
        red = (red + Math.imul(pixels[source], weight)) | 0;
        green = (green + Math.imul(pixels[source + 1], weight)) | 0;
        blue = (blue + Math.imul(pixels[source + 2], weight)) | 0;
      }
      clipped[at] = red >> WEIGHT_BITS;
      clipped[at + 1] = green >> WEIGHT_BITS;
      clipped[at + 2] = blue >> WEIGHT_BITS;
      at += 3;
    }
  }
}

/** The second pass: `[from, width, 3]` to `[to, width, 3]`. */
function resizeColumns(pixels: Uint8Array, width: number, taps: Taps, into: Uint8Array): void {
  const { count, first, weights } = taps;
  const stride = width * 3;
  const clipped = new Uint8ClampedArray(into.buffer, into.byteOffset, into.length);
  let at = 0;
  for (let y = 0; y < first.length; y++) {
    const start = first[y] * stride;
    const w = y * count;
    const end = start + stride;
    if (count === 2) { // bilinear, growing: the frequent one, and twice as fast written out
      const a = weights[w], b = weights[w + 1];
      for (let i = start; i < end; i++) {
        const sum = (HALF + Math.imul(pixels[i], a) + Math.imul(pixels[i + stride], b)) | 0;
        clipped[at++] = sum >> WEIGHT_BITS;
      }
      continue;
    }
    if (count === 4) { // bicubic, growing
      const a = weights[w], b = weights[w + 1], c = weights[w + 2], d = weights[w + 3];
      for (let i = start; i < end; i++) {
        const left = (HALF + Math.imul(pixels[i], a) + Math.imul(pixels[i + stride], b)) | 0;
        const right = (Math.imul(pixels[i + 2 * stride], c) +
          Math.imul(pixels[i + 3 * stride], d)) | 0;
        clipped[at++] = ((left + right) | 0) >> WEIGHT_BITS;
      }
      continue;
    }
    for (let i = start; i < end; i++) {
      let sum = HALF;
      for (let k = 0, source = i; k < count; k++, source += stride) {
        sum = (sum + Math.imul(pixels[source], weights[w + k])) | 0;
      }
      clipped[at++] = sum >> WEIGHT_BITS;
    }
  }
}
