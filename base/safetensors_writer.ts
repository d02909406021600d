import { type Dtype, DTYPE_BYTES, elementsOf } from "./safetensors_header.ts";
import { at } from "./write_error.ts";

/** A tensor with its data, for {@linkcode writeSafetensors}. */
export interface TensorToWrite {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Little-endian, row-major. */
  readonly data: ArrayBufferView;
}

/**
 * Writes a safetensors file whose tensors come piece by piece. The same tensors give the same bytes,
 * in whatever order and pieces they come: wider types first, then by name, as the format's own
 * library does, so that every tensor is aligned to its type.
 *
 * ```ts
 * const writer = await SafetensorsWriter.create(path, { images: { dtype: "U8", shape: [n, 32, 32, 3] } });
 * for (const batch of batches) writer.write("images", batch);
 * await writer.close();
 * ```
 */
export class SafetensorsWriter {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  /** Where each tensor's next byte goes, and where the tensor ends. */
  readonly #places: Map<string, { next: number; end: number }>;

  private constructor(
    path: string,
    file: Deno.FsFile,
    places: Map<string, { next: number; end: number }>,
  ) {
    this.#path = path;
    this.#file = file;
    this.#places = places;
  }

  /**
   * Makes the file and writes its header.
   * @throws {RangeError} if a shape is no shape, or a tensor is called `__metadata__`.
   */
  static async create(
    path: string,
    tensors: Readonly<Record<string, { readonly dtype: Dtype; readonly shape: readonly number[] }>>,
    metadata?: Readonly<Record<string, string>>,
  ): Promise<SafetensorsWriter> {
    const entries = Object.entries(tensors).sort(([a, { dtype: p }], [b, { dtype: q }]) =>
      DTYPE_BYTES[q] - DTYPE_BYTES[p] || compareCodePoints(a, b)
    );
    const header: [string, unknown][] = [];
    if (metadata) header.push(["__metadata__", metadata]);
    const places = new Map<string, { next: number; end: number }>();
    let begin = 0;
    for (const [name, { dtype, shape }] of entries) {
      const elements = elementsOf(shape);
      if (elements === undefined || name === "__metadata__") {
        throw new RangeError(`Cannot write a tensor "${name}" of shape [${shape}]`);
      }
      const end = begin + elements * DTYPE_BYTES[dtype];
      header.push([name, { dtype, shape, data_offsets: [begin, end] }]);
      places.set(name, { next: begin, end });
      begin = end;
    }
    // By hand: an object would put names that look like numbers first.
    const json = header.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
    const text = new TextEncoder().encode(`{${json.join(",")}}`);
    const start = 8 + Math.ceil(text.length / 8) * 8;
    const head = new Uint8Array(start).fill(0x20);
    new DataView(head.buffer).setBigUint64(0, BigInt(start - 8), true);
    head.set(text, 8);
    for (const place of places.values()) {
      place.next += start;
      place.end += start;
    }
    const file = await Deno.open(path, { write: true, create: true, truncate: true });
    const writer = new SafetensorsWriter(path, file, places);
    writer.#writeAt(0, head);
    return writer;
  }

  /**
   * Appends to one tensor. Tensors may take turns.
   * @throws {RangeError} if the tensor is not one of those announced, or would get more than its size.
   */
  write(name: string, data: ArrayBufferView): void {
    const place = this.#places.get(name);
    if (!place || place.next + data.byteLength > place.end) {
      throw new RangeError(
        `Cannot write ${data.byteLength} bytes to "${name}" of ${this.#path}: it has ` +
          (place ? `${place.end - place.next} to go` : "no such tensor"),
      );
    }
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.#writeAt(place.next, bytes);
    place.next += bytes.length;
  }

  /**
   * Waits until the disk has it all, and closes the file.
   * @throws {RangeError} if a tensor is short of its size.
   */
  async close(): Promise<void> {
    try {
      for (const [name, { next, end }] of this.#places) {
        if (next !== end) {
          throw new RangeError(
            `Cannot close ${this.#path}: "${name}" is ${end - next} bytes short`,
          );
        }
      }
      await at(this.#path, () => this.#file.sync());
    } finally {
      this.#file.close();
    }
  }

  /** Closes the file as it is, for a writer that gives up. */
  abandon(): void {
    this.#file.close();
  }

  #writeAt(position: number, bytes: Uint8Array): void {
    at(this.#path, () => {
      this.#file.seekSync(position, Deno.SeekMode.Start);
      for (let done = 0; done < bytes.length;) done += this.#file.writeSync(bytes.subarray(done));
    });
  }
}

/** Writes a whole safetensors file, flushed to disk. See {@linkcode SafetensorsWriter}. */
export async function writeSafetensors(
  path: string,
  tensors: Readonly<Record<string, TensorToWrite>>,
  metadata?: Readonly<Record<string, string>>,
): Promise<void> {
  const writer = await SafetensorsWriter.create(path, tensors, metadata);
  try {
    for (const [name, { data }] of Object.entries(tensors)) writer.write(name, data);
  } catch (error) {
    writer.abandon();
    throw error;
  }
  await writer.close();
}

/** Orders texts by code point (`<` on strings goes by UTF-16 unit). */
function compareCodePoints(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  for (let i = 0; i < left.length && i < right.length; i++) {
    const difference = left[i].codePointAt(0)! - right[i].codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
