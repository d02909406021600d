import { createResizer, type Resample, type Size } from "./resample.ts";

/** What is done to images of one size. The words are those of `preprocessor_config.json`. */
export interface TransformOptions {
  /** Size of the images that come in, pixels. */
  readonly from: Size;
  /** Both sides, or the shorter one with the ratio kept; null: no resizing. */
  readonly resize:
    | ((Size | { readonly shortest_edge: number }) & { readonly resample: Resample })
    | null;
  /** Centre crop, padded with black where the image is smaller; null or missing: none. */
  readonly crop?: Size | null;
  /** What a pixel of 0 to 255 is multiplied with, 1/255 for most models. */
  readonly rescale_factor: number;
  /** Subtracted from each rescaled channel: red, green, blue. */
  readonly mean: readonly number[];
  /** Divides each channel after that. */
  readonly std: readonly number[];
}

/** Makes images into what the model gets. Not for two callers at once: it has working memory. */
export interface Transform {
  /** Size of the images that come in. */
  readonly from: Size;
  /** Size of what comes out. */
  readonly to: Size;
  /**
   * @param pixels RGB, uint8, `[n, height, width, 3]`.
   * @param n Images.
   * @param into Filled from its start with `[n, height, width, 3]`, normalised float32; longer is
   * fine.
   * @returns The part of `into` that was filled.
   * @throws {RangeError} if `pixels` has another length, or `into` is too short.
   */
  apply(pixels: Uint8Array, n: number, into: Float32Array): Float32Array;
  /** Only resizes and crops one image: uint8 `[height, width, 3]`. */
  resize(pixels: Uint8Array, into?: Uint8Array): Uint8Array;
}

/**
 * Resizes, crops, rescales and normalises as the Hugging Face image processors do with Pillow:
 * resized in 8 bits, then `(value * rescale_factor - mean) / std` in float32.
 */
export function createTransform(options: TransformOptions): Transform {
  const { from } = options;
  const resized = resizedSize(from, options.resize);
  const to = options.crop ?? resized;
  const resizer = options.resize && createResizer(from, resized, options.resize.resample);
  const crop = options.crop && differs(options.crop, resized) ? options.crop : null;
  const table = normalizationTable(options.rescale_factor, options.mean, options.std);
  const fromLength = from.height * from.width * 3;
  const toLength = to.height * to.width * 3;
  const whole = new Uint8Array(resized.height * resized.width * 3);
  const image = crop ? new Uint8Array(toLength) : whole;

  const resize = (pixels: Uint8Array, into = new Uint8Array(toLength)): Uint8Array => {
    if (!crop) return resizer ? resizer(pixels, into) : copy(pixels, into);
    const source = resizer ? resizer(pixels, whole) : pixels;
    return centerCrop(source, resized, crop, into);
  };
  return {
    from,
    to,
    resize,
    apply(pixels, n, into) {
      if (pixels.length !== n * fromLength) {
        throw new RangeError(
          `Cannot transform ${pixels.length} bytes as ${n} images of ${from.width}x${from.height}: ` +
            `they have ${n * fromLength}`,
        );
      }
      if (into.length < n * toLength) {
        throw new RangeError(
          `Cannot write ${n} images of ${to.width}x${to.height} into ${into.length} numbers: ` +
            `they take ${n * toLength}`,
        );
      }
      for (let i = 0; i < n; i++) {
        const source = pixels.subarray(i * fromLength, (i + 1) * fromLength);
        normalize(resizer || crop ? resize(source, image) : source, table, into, i * toLength);
      }
      return into.subarray(0, n * toLength);
    },
  };
}

/**
 * Size after resizing. With a shortest edge the longer one is cut to a whole number, as
 * `get_resize_output_image_size` of transformers does.
 */
export function resizedSize(from: Size, resize: TransformOptions["resize"]): Size {
  if (!resize) return from;
  if ("height" in resize) return { height: resize.height, width: resize.width };
  const { shortest_edge: short } = resize;
  const long = (large: number, small: number) => Math.trunc((short * large) / small);
  return from.width <= from.height
    ? { height: long(from.height, from.width), width: short }
    : { height: short, width: long(from.width, from.height) };
}

/**
 * `(value * factor - mean) / std` for every value of every channel, rounded where NumPy rounds: the
 * product in float64, stored as float32; the difference and the quotient in float32.
 *
 * @returns `[256, 3]`, row by row.
 */
export function normalizationTable(
  factor: number,
  mean: readonly number[],
  std: readonly number[],
): Float32Array {
  const table = new Float32Array(256 * 3);
  for (let value = 0; value < 256; value++) {
    const rescaled = Math.fround(value * factor);
    for (let channel = 0; channel < 3; channel++) {
      const centered = Math.fround(rescaled - Math.fround(mean[channel]));
      table[value * 3 + channel] = centered / Math.fround(std[channel]);
    }
  }
  return table;
}

function normalize(image: Uint8Array, table: Float32Array, into: Float32Array, at: number): void {
  for (let i = 0; i < image.length; i += 3) {
    into[at + i] = table[image[i] * 3];
    into[at + i + 1] = table[image[i + 1] * 3 + 1];
    into[at + i + 2] = table[image[i + 2] * 3 + 2];
  }
}

/**
 * Cuts the middle out, as `center_crop` of transformers does: an odd remainder leaves the larger
 * half below and to the right; what lies outside the image is black, the larger half of it above
 * and to the left.
 */
function centerCrop(image: Uint8Array, from: Size, to: Size, into: Uint8Array): Uint8Array {
  // Negative where there is padding; floor then gives the larger half to the top and left.
  const top = Math.floor((from.height - to.height) / 2);
  const left = Math.floor((from.width - to.width) / 2);
  const begin = Math.max(0, left);
  const end = Math.min(from.width, left + to.width);
  if (top < 0 || left < 0) into.fill(0);
  for (let y = Math.max(0, -top); y < to.height && top + y < from.height; y++) {
    const row = (top + y) * from.width;
    into.set(
      image.subarray((row + begin) * 3, (row + end) * 3),
      (y * to.width + begin - left) * 3,
    );
  }
  return into;
}

function copy(pixels: Uint8Array, into: Uint8Array): Uint8Array {
  into.set(pixels);
  return into;
}

function differs(a: Size, b: Size): boolean {
  return a.height !== b.height || a.width !== b.width;
}
