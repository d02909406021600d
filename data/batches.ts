import { UserError } from "../base/errors.ts";
import { openSafetensors, type SafetensorsFile } from "../base/safetensors.ts";
import type { Size } from "./resample.ts";
import { createTransform, type Transform, type TransformOptions } from "./transform.ts";

/** Images as the model gets them, with their classes. */
export interface PixelBatch {
  /** Normalised, float32, `[n, height, width, 3]`. Overwritten by the next read. */
  readonly pixels: Float32Array;
  /** Class indices, `[n]`. */
  readonly labels: Int32Array;
}

/**
 * Reads images of a pool in any order, as the model gets them. The pool is a safetensors file with
 * `images` U8 `[N, height, width, 3]` and `labels` I32 `[N]`; only the rows asked for are read, and
 * all batches share one buffer, so memory holds one batch and the labels, whatever N is.
 *
 * ```ts
 * using pool = await PixelBatches.open("pool.safetensors", { resize, rescale_factor, mean, std });
 * const { pixels, labels } = pool.read(Int32Array.of(7, 3, 12));
 * ```
 */
export class PixelBatches implements Disposable {
  /** Images in the pool. */
  readonly count: number;
  /** Class index of every image, `[N]`. */
  readonly labels: Int32Array;
  /** What is done to an image. */
  readonly transform: Transform;
  readonly #file: SafetensorsFile;
  readonly #rowBytes: number;
  #raw = new Uint8Array(0);
  #pixels = new Float32Array(0);

  private constructor(
    file: SafetensorsFile,
    count: number,
    labels: Int32Array,
    transform: Transform,
  ) {
    this.#file = file;
    this.count = count;
    this.labels = labels;
    this.transform = transform;
    this.#rowBytes = transform.from.height * transform.from.width * 3;
  }

  /**
   * @param path The pool.
   * @param options What to do to each image; the size that it comes in is the pool's.
   * @throws {UserError} if the file is not such a pool.
   */
  static async open(path: string, options: Omit<TransformOptions, "from">): Promise<PixelBatches> {
    const file = await openSafetensors(path);
    try {
      const { count, size } = checkPool(file);
      const bytes = file.read("labels");
      const labels = new Int32Array(bytes.buffer, bytes.byteOffset, count);
      return new PixelBatches(file, count, labels, createTransform({ ...options, from: size }));
    } catch (error) {
      file[Symbol.dispose]();
      throw error;
    }
  }

  /** Size of the images that come out. */
  get size(): Size {
    return this.transform.to;
  }

  /**
   * Reads the images with these numbers, in this order.
   * @throws {RangeError} on a number that is not in the pool.
   */
  read(indices: ArrayLike<number>): PixelBatch {
    const n = indices.length;
    const raw = this.readRaw(indices);
    const { height, width } = this.transform.to;
    const length = n * height * width * 3;
    if (this.#pixels.length < length) this.#pixels = new Float32Array(length);
    const labels = Int32Array.from(indices, (index) => this.labels[index]);
    return { pixels: this.transform.apply(raw, n, this.#pixels), labels };
  }

  /** The images as they are stored: uint8, `[n, height, width, 3]`. Overwritten by the next read. */
  readRaw(indices: ArrayLike<number>): Uint8Array {
    const length = indices.length * this.#rowBytes;
    if (this.#raw.length < length) this.#raw = new Uint8Array(length);
    return this.#file.rowsAtSync("images", indices, this.#raw);
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }
}

function checkPool(file: SafetensorsFile): { count: number; size: Size } {
  const images = file.info("images");
  const labels = file.info("labels");
  const [count, height, width, channels] = images.shape;
  const fits = images.dtype === "U8" && images.shape.length === 4 && channels === 3 &&
    height > 0 && width > 0 && labels.dtype === "I32" && labels.shape.length === 1 &&
    labels.shape[0] === count;
  if (!fits) {
    throw new UserError(
      `Cannot read ${file.path} as images: images are ${images.dtype} [${images.shape}] and labels ` +
        `${labels.dtype} [${labels.shape}], not U8 [N,height,width,3] and I32 [N]`,
    );
  }
  return { count, size: { height, width } };
}
