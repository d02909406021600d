import { UserError } from "../base/errors.ts";
import { openSafetensors, type SafetensorsFile, SafetensorsWriter } from "../base/safetensors.ts";

/** Number type that features are kept in. */
export type FeatureDtype = "F16" | "F32";

/** Name of a shard's file: `features-00000.safetensors`, … */
export function shardName(shard: number): string {
  return `features-${String(shard).padStart(5, "0")}.safetensors`;
}

/** The shape of what is stored of every image, and how many images a shard has. */
export interface FeatureLayout {
  readonly dtype: FeatureDtype;
  /** Tokens of each image. */
  readonly tokens: number;
  /** Hidden size. */
  readonly width: number;
  /** Images in a shard; the last may have fewer. */
  readonly shard: number;
  /** Images in all shards. */
  readonly images: number;
}

/** Open shards at a time; many systems let a process open 1,024 files. */
const OPEN_SHARDS = 512;

/**
 * Reads stored activations of images in any order. Shard `i` has the images from `i * shard` on, in
 * a tensor `features` F16 or F32 `[n, tokens, width]`. Shards are opened when they are first needed;
 * all batches share one buffer.
 */
export class FeatureShards implements Disposable {
  readonly layout: FeatureLayout;
  readonly #paths: readonly string[];
  /** By number, in the order in which they were opened. */
  readonly #open = new Map<number, SafetensorsFile>();
  #raw = new Uint8Array(0);
  #features = new Float32Array(0);

  /**
   * @param paths The shards' files, in order.
   * @throws {RangeError} if there are not as many as the layout takes.
   */
  constructor(paths: readonly string[], layout: FeatureLayout) {
    const shards = Math.ceil(layout.images / layout.shard);
    if (paths.length !== shards) {
      throw new RangeError(
        `Cannot read ${layout.images} images from ${paths.length} shards of ${layout.shard}: ` +
          `they take ${shards}`,
      );
    }
    this.#paths = paths;
    this.layout = layout;
  }

  /**
   * Activations of the images with these numbers, in this order.
   * @returns `[n, tokens, width]`. Overwritten by the next read.
   * @throws as {@linkcode readStored}.
   */
  async read(indices: ArrayLike<number>): Promise<Float32Array<ArrayBuffer>> {
    const stored = await this.readStored(indices);
    if (stored instanceof Float32Array) return stored;
    if (this.#features.length < stored.length) this.#features = new Float32Array(stored.length);
    // 1.5 ns a number; a table of all 65,536 values takes 0.9, and 256 KiB of the cache.
    this.#features.set(stored);
    return this.#features.subarray(0, stored.length);
  }

  /**
   * The same in the number type that they are stored in.
   * @returns `[n, tokens, width]`. Overwritten by the next read.
   * @throws {RangeError} on a number that is not there.
   * @throws {UserError} naming the shard, if its file does not fit the layout.
   */
  async readStored(
    indices: ArrayLike<number>,
  ): Promise<Float16Array<ArrayBuffer> | Float32Array<ArrayBuffer>> {
    const { dtype, tokens, width, shard } = this.layout;
    const rowBytes = tokens * width * (dtype === "F16" ? 2 : 4);
    const bytes = indices.length * rowBytes;
    if (this.#raw.length < bytes) this.#raw = new Uint8Array(bytes);
    for (let i = 0, next; i < indices.length; i = next) {
      const number = Math.floor(indices[i] / shard);
      const rows: number[] = [];
      for (next = i; next < indices.length; next++) {
        if (Math.floor(indices[next] / shard) !== number) break;
        rows.push(indices[next] - number * shard);
      }
      const file = this.#open.get(number) ?? await this.#openShard(number);
      file.rowsAtSync("features", rows, this.#raw.subarray(i * rowBytes, next * rowBytes));
    }
    const length = indices.length * tokens * width;
    return dtype === "F16"
      ? new Float16Array(this.#raw.buffer, 0, length)
      : new Float32Array(this.#raw.buffer, 0, length);
  }

  /** Closes all files. */
  [Symbol.dispose](): void {
    for (const file of this.#open.values()) file[Symbol.dispose]();
    this.#open.clear();
  }

  async #openShard(number: number): Promise<SafetensorsFile> {
    const path = this.#paths[number];
    if (path === undefined) {
      throw new RangeError(`Cannot read shard ${number}: there are ${this.#paths.length}`);
    }
    const { dtype, tokens, width, shard, images } = this.layout;
    const file = await openSafetensors(path);
    const found = file.info("features");
    const expected = [Math.min(shard, images - number * shard), tokens, width];
    if (found.dtype !== dtype || String(found.shape) !== String(expected)) {
      file[Symbol.dispose]();
      throw new UserError(
        `Cannot read ${path}: features are ${found.dtype} [${found.shape}], not ${dtype} ` +
          `[${expected}]`,
      );
    }
    if (this.#open.size >= OPEN_SHARDS) {
      const [oldest, longest] = this.#open.entries().next().value!;
      longest[Symbol.dispose]();
      this.#open.delete(oldest);
    }
    this.#open.set(number, file);
    return file;
  }
}

/**
 * Writes one shard, batch by batch.
 *
 * ```ts
 * const writer = await FeatureWriter.create(path, { dtype: "F16", images: 512, tokens: 65, width: 192 });
 * for (const batch of batches) writer.write(batch);
 * await writer.close();
 * ```
 */
export class FeatureWriter {
  readonly #writer: SafetensorsWriter;
  readonly #dtype: FeatureDtype;
  #narrow = new Float16Array(0);

  private constructor(writer: SafetensorsWriter, dtype: FeatureDtype) {
    this.#writer = writer;
    this.#dtype = dtype;
  }

  /** @param shard `images` is the number in this shard. */
  static async create(
    path: string,
    shard: { dtype: FeatureDtype; images: number; tokens: number; width: number },
  ): Promise<FeatureWriter> {
    const { dtype, images, tokens, width } = shard;
    const shape = [images, tokens, width];
    const writer = await SafetensorsWriter.create(path, { features: { dtype, shape } });
    return new FeatureWriter(writer, dtype);
  }

  /**
   * Appends activations.
   * @param features `[n, tokens, width]`. In float16 they are rounded to nearest, ties to even.
   * @throws {RangeError} if there are more than the shard holds.
   * @throws {UserError} if a finite number is too large for float16.
   */
  write(features: Float32Array): void {
    if (this.#dtype === "F32") return this.#writer.write("features", features);
    if (this.#narrow.length < features.length) this.#narrow = new Float16Array(features.length);
    this.#narrow.set(features);
    const part = this.#narrow.subarray(0, features.length);
    const overflow = firstOverflow(part, features);
    if (overflow !== undefined) {
      throw new UserError(`Cannot keep the activation ${overflow} as float16: it ends at 65504`, {
        hint: "Use features: float32 in the freeze stage",
      });
    }
    this.#writer.write("features", part);
  }

  /**
   * Waits until the disk has it all.
   * @throws {RangeError} if images are missing.
   */
  close(): Promise<void> {
    return this.#writer.close();
  }

  /** Closes the file as it is, for a writer that gives up. */
  abandon(): void {
    this.#writer.abandon();
  }
}

/** The first finite number that became infinite on the way to float16. */
function firstOverflow(narrow: Float16Array<ArrayBuffer>, wide: Float32Array): number | undefined {
  const bits = new Uint16Array(narrow.buffer, narrow.byteOffset, narrow.length);
  for (let i = 0; i < bits.length; i++) {
    if ((bits[i] & 0x7fff) === 0x7c00 && Number.isFinite(wide[i])) return wide[i];
  }
}
