import { UserError } from "./errors.ts";
import { quoted } from "./printable.ts";
import {
  broken,
  type Dtype,
  type Header,
  MAX_HEADER_BYTES,
  parseHeader,
  type TensorInfo,
} from "./safetensors_header.ts";

export { type Dtype, DTYPE_BYTES, type TensorInfo } from "./safetensors_header.ts";
export { SafetensorsWriter, type TensorToWrite, writeSafetensors } from "./safetensors_writer.ts";

/**
 * Opens a safetensors file and checks its header against its size. Only the header is read; data is
 * read by range when asked for, so memory does not grow with the file.
 *
 * ```ts
 * using file = await openSafetensors("model.safetensors");
 * const bias = file.float32("classifier.bias");
 * ```
 *
 * @throws {UserError} naming the file, if it cannot be opened or is not whole and consistent.
 */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  let file: Deno.FsFile;
  try {
    file = await Deno.open(path);
  } catch (cause) {
    const why = cause instanceof Deno.errors.NotFound
      ? "there is no such file"
      : "it can't be opened";
    throw new UserError(`Cannot read ${path}: ${why}`, { cause });
  }
  try {
    const size = (await file.stat()).size;
    if (size < 10) throw broken(path, `${size} bytes are too few for a safetensors file`);
    const prefix = new Uint8Array(8);
    readFully(file, 0, prefix, path);
    const length = new DataView(prefix.buffer).getBigUint64(0, true);
    if (length > BigInt(Math.min(size - 8, MAX_HEADER_BYTES))) {
      throw broken(path, `it says that its header has ${length} bytes, the file has ${size}`);
    }
    const json = new Uint8Array(Number(length));
    readFully(file, 8, json, path);
    const start = 8 + json.length;
    return new SafetensorsFile(path, file, start, parseHeader(json, size - start, path));
  } catch (error) {
    file.close();
    throw error;
  }
}

/** An open safetensors file. Close it with `using`. Unknown names are a UserError. */
export class SafetensorsFile implements Disposable {
  readonly path: string;
  /** Names of its tensors, in the order of the data. */
  readonly names: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly #file: Deno.FsFile;
  readonly #start: number;
  readonly #tensors: ReadonlyMap<string, TensorInfo>;

  /** Use {@linkcode openSafetensors}. */
  constructor(path: string, file: Deno.FsFile, start: number, header: Header) {
    this.path = path;
    this.names = [...header.tensors.keys()];
    this.metadata = header.metadata;
    this.#file = file;
    this.#start = start;
    this.#tensors = header.tensors;
  }

  has(name: string): boolean {
    return this.#tensors.has(name);
  }

  info(name: string): TensorInfo {
    const info = this.#tensors.get(name);
    if (!info) throw new UserError(`Cannot find the tensor ${quoted(name)} in ${this.path}`);
    return info;
  }

  /** All bytes of one tensor, little-endian, in a buffer of their own. */
  read(name: string): Uint8Array<ArrayBuffer> {
    const { begin, bytes } = this.info(name);
    const data = new Uint8Array(bytes);
    readFully(this.#file, this.#start + begin, data, this.path);
    return data;
  }

  /** One tensor of type F32, F16, BF16 or F64 as 32-bit floats. */
  float32(name: string): Float32Array<ArrayBuffer> {
    const { dtype } = this.info(name);
    try {
      return toFloat32(dtype, this.read(name));
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
      throw new UserError(
        `Cannot read ${quoted(name)} in ${this.path} as numbers: it is ${dtype}`,
        {
          cause,
        },
      );
    }
  }

  /**
   * Rows `first` to `first + count - 1` of the leading axis.
   *
   * @param into Filled from its start and returned as the part that was filled; at least
   * `count * bytes of a row` long. A new buffer where it is missing.
   */
  rowsSync(
    name: string,
    first: number,
    count: number,
    into?: Uint8Array<ArrayBuffer>,
  ): Uint8Array<ArrayBuffer> {
    const { begin, rowBytes } = this.#rowsOf(name, first, count);
    const target = part(into, count * rowBytes);
    readFully(this.#file, this.#start + begin + first * rowBytes, target, this.path);
    return target;
  }

  /**
   * Rows of the leading axis in any order, as a shuffled batch needs them. Neighbours in the file
   * that are neighbours in `indices` are read at once.
   */
  rowsAtSync(
    name: string,
    indices: ArrayLike<number>,
    into?: Uint8Array<ArrayBuffer>,
  ): Uint8Array<ArrayBuffer> {
    const { begin, rowBytes } = this.#rowsOf(name, 0, 0);
    const target = part(into, indices.length * rowBytes);
    for (let i = 0, next; i < indices.length; i = next) {
      for (next = i + 1; next < indices.length && indices[next] === indices[next - 1] + 1;) next++;
      this.#rowsOf(name, indices[i], next - i);
      const at = this.#start + begin + indices[i] * rowBytes;
      readFully(this.#file, at, target.subarray(i * rowBytes, next * rowBytes), this.path);
    }
    return target;
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }

  #rowsOf(name: string, first: number, count: number): { begin: number; rowBytes: number } {
    const { begin, bytes, shape } = this.info(name);
    const rows = shape[0];
    const inside = Number.isInteger(first) && Number.isInteger(count) && first >= 0 && count >= 0;
    if (rows === undefined || !inside || first + count > rows) {
      throw new RangeError(
        `Cannot read rows ${first} to ${first + count - 1} of "${name}": it has ${
          rows ?? "no"
        } rows`,
      );
    }
    return { begin, rowBytes: rows === 0 ? 0 : bytes / rows };
  }
}

/**
 * Widens little-endian floats to 32 bits (F64 is rounded).
 * @param bytes Starts at a multiple of the type's size within its buffer.
 * @throws {RangeError} if the type is none of F32, F16, BF16 and F64.
 */
export function toFloat32(dtype: Dtype, bytes: Uint8Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = bytes;
  switch (dtype) {
    case "F32":
      return new Float32Array(buffer, byteOffset, byteLength / 4);
    case "F16":
      return Float32Array.from(new Float16Array(buffer, byteOffset, byteLength / 2));
    case "F64":
      return Float32Array.from(new Float64Array(buffer, byteOffset, byteLength / 8));
    case "BF16": {
      const words = new Uint16Array(buffer, byteOffset, byteLength / 2);
      const wide = new Uint32Array(words.length);
      for (let i = 0; i < words.length; i++) wide[i] = words[i] << 16;
      return new Float32Array(wide.buffer);
    }
    default:
      throw new RangeError(`Cannot read ${dtype} as 32-bit floats: F32, F16, BF16 and F64 can be`);
  }
}

function part(into: Uint8Array<ArrayBuffer> | undefined, bytes: number): Uint8Array<ArrayBuffer> {
  if (!into) return new Uint8Array(bytes);
  if (into.length < bytes) {
    throw new RangeError(`Cannot read ${bytes} bytes into ${into.length}: they must fit`);
  }
  return into.subarray(0, bytes);
}

function readFully(file: Deno.FsFile, position: number, target: Uint8Array, path: string): void {
  file.seekSync(position, Deno.SeekMode.Start);
  for (let done = 0; done < target.length;) {
    const read = file.readSync(target.subarray(done));
    if (read === null) throw broken(path, "it ended while it was being read");
    done += read;
  }
}
