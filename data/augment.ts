import { random } from "../base/random.ts";
import { jitter, type JitterRanges } from "./augment_colour.ts";
import { type CropRanges, cut, drawCrop } from "./augment_crop.ts";
import { createResizer, type Resample, type Size } from "./resample.ts";
import { createTransform, normalizationTable, type TransformOptions } from "./transform.ts";

/** What is done to each training image at random, in this order. */
export interface Augmentation {
  /** A part of the image, resized to all of it (torchvision's RandomResizedCrop); null: off. */
  readonly crop: CropRanges | null;
  /** Probability of left and right changing places; 0: off. */
  readonly flip: number;
  /** Other colours (torchvision's ColorJitter); null: off. */
  readonly jitter: JitterRanges | null;
}

/**
 * Makes images into what the model gets, each time a little differently. What is drawn for an image
 * follows from the seed, the epoch and the image's number alone: batches, threads and interruptions
 * change nothing. Not for two callers at once: it has working memory.
 *
 * ```ts
 * const augmenter = new Augmenter({ crop: null, flip: 0.5, jitter: null }, options, "bilinear", 42);
 * const pixels = augmenter.apply(raw, rows, 3);
 * ```
 */
export class Augmenter {
  /** Size of what comes out. */
  readonly size: Size;
  readonly #augmentation: Augmentation;
  readonly #from: Size;
  readonly #resample: Resample;
  readonly #seed: number;
  readonly #resize: (pixels: Uint8Array, into: Uint8Array) => void;
  readonly #table: Float32Array;
  readonly #image: Uint8Array;
  readonly #part: Uint8Array;
  #pixels = new Float32Array(0);

  /**
   * @param options What is done to an image for which nothing is drawn.
   * @param resample Filter that the parts of images are resized with.
   */
  constructor(
    augmentation: Augmentation,
    options: TransformOptions,
    resample: Resample,
    seed: number,
  ) {
    const { to, from, resize } = createTransform(options);
    this.size = to;
    this.#augmentation = augmentation;
    this.#from = from;
    this.#resample = resample;
    this.#seed = seed;
    this.#resize = resize;
    this.#table = normalizationTable(options.rescale_factor, options.mean, options.std);
    this.#image = new Uint8Array(to.height * to.width * 3);
    this.#part = new Uint8Array(from.height * from.width * 3);
  }

  /**
   * @param raw Images as they are stored, uint8 `[n, height, width, 3]`.
   * @param rows Number of each image.
   * @param epoch Counts from 0.
   * @returns Normalised, float32, `[n, height, width, 3]`. Overwritten by the next call.
   */
  apply(raw: Uint8Array, rows: ArrayLike<number>, epoch: number): Float32Array {
    const [from, to] = [this.#part.length, this.#image.length];
    const length = rows.length * to;
    if (this.#pixels.length < length) this.#pixels = new Float32Array(length);
    const pixels = this.#pixels.subarray(0, length);
    for (let i = 0; i < rows.length; i++) {
      this.#view(raw.subarray(i * from, (i + 1) * from), rows[i], epoch);
      for (let k = 0, at = i * to; k < to; k++) {
        pixels[at + k] = this.#table[this.#image[k] * 3 + k % 3];
      }
    }
    return pixels;
  }

  /** Makes one image into what it is in an epoch, in 8 bits. */
  #view(source: Uint8Array, row: number, epoch: number): void {
    const { crop, flip, jitter: ranges } = this.#augmentation;
    const stream = random(this.#seed, `augment epoch ${epoch} image ${row}`);
    if (crop) {
      const box = drawCrop(this.#from, crop, stream);
      const part = cut(source, this.#from, box, this.#part);
      createResizer(box, this.size, this.#resample)(part, this.#image);
    } else {
      this.#resize(source, this.#image);
    }
    if (flip > 0 && stream.uniform() < flip) mirror(this.#image, this.size.width);
    if (ranges) jitter(this.#image, ranges, stream);
  }
}

/** Changes left and right. @param image `[height, width, 3]`. */
export function mirror(image: Uint8Array, width: number): void {
  for (let row = 0; row < image.length; row += width * 3) {
    for (let left = row, right = row + (width - 1) * 3; left < right; left += 3, right -= 3) {
      for (let c = 0; c < 3; c++) {
        [image[left + c], image[right + c]] = [image[right + c], image[left + c]];
      }
    }
  }
}
