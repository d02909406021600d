const BLOCK = 512;
/** Bytes of what is read piece by piece. */
const PIECE = 1 << 20;

/** A regular file in a tar archive. */
export interface TarEntry {
  /** As it stands in the archive. Never a path to write to. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Its content. To be called before the next entry is asked for, or not at all. */
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
  /** The same piece by piece, for what is large: to be called instead, and read to its end. */
  pieces(): AsyncGenerator<Uint8Array<ArrayBuffer>>;
}

/**
 * Walks through a tar archive (POSIX ustar) as it comes. Content is only kept of entries whose
 * `bytes` are asked for. Links, folders and extended headers are passed over.
 *
 * @throws {RangeError} if it is no tar archive, or ends in the middle.
 */
export async function* readTar(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<TarEntry> {
  const source = new ByteSource(stream);
  try {
    while (true) {
      const header = await source.take(BLOCK);
      if (header.every((byte) => byte === 0)) return;
      checkSum(header);
      const size = octal(header, 124, 12);
      let taken = false;
      const take = () => {
        if (taken) throw new RangeError("Cannot read a tar entry twice");
        taken = true;
      };
      if (header[156] === 0 || header[156] === 0x30) {
        yield {
          name: nameOf(header),
          size,
          bytes: () => {
            take();
            return source.take(size);
          },
          async *pieces() {
            take();
            for (let left = size; left > 0; left -= Math.min(left, PIECE)) {
              yield await source.take(Math.min(left, PIECE));
            }
          },
        };
      }
      if (!taken) await source.skip(size);
      await source.skip((BLOCK - size % BLOCK) % BLOCK);
    }
  } finally {
    await source.cancel();
  }
}

function nameOf(header: Uint8Array): string {
  const prefix = text(header, 345, 155);
  const name = text(header, 0, 100);
  return prefix ? `${prefix}/${name}` : name;
}

function text(header: Uint8Array, at: number, length: number): string {
  const field = header.subarray(at, at + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}

function octal(header: Uint8Array, at: number, length: number): number {
  const digits = text(header, at, length).trim();
  if (!/^[0-7]+$/.test(digits)) throw new RangeError("Cannot read the archive: it is no tar");
  return Number.parseInt(digits, 8);
}

/** The sum of the header's bytes, with its own field as spaces. */
function checkSum(header: Uint8Array): void {
  let sum = 8 * 0x20;
  for (let i = 0; i < BLOCK; i++) if (i < 148 || i >= 156) sum += header[i];
  if (sum !== octal(header, 148, 8)) throw new RangeError("Cannot read the archive: it is no tar");
}

/** A stream that is read by number of bytes. */
class ByteSource {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  #rest: Uint8Array<ArrayBuffer> = new Uint8Array(0);

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = stream.getReader();
  }

  async take(count: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(count);
    await this.#each(count, (piece, at) => bytes.set(piece, at));
    return bytes;
  }

  skip(count: number): Promise<void> {
    return this.#each(count, () => {});
  }

  async cancel(): Promise<void> {
    await this.#reader.cancel().catch(() => {}); // what went wrong has been thrown by `read`
  }

  async #each(count: number, use: (piece: Uint8Array, at: number) => void): Promise<void> {
    for (let done = 0; done < count;) {
      if (this.#rest.length === 0) {
        const { value } = await this.#reader.read();
        if (!value) throw new RangeError("Cannot read the archive: it ends in the middle");
        this.#rest = value;
        continue;
      }
      const piece = this.#rest.subarray(0, count - done);
      use(piece, done);
      done += piece.length;
      this.#rest = this.#rest.subarray(piece.length);
    }
  }
}
