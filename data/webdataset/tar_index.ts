/** A regular file in a tar archive on the disk. */
export interface TarMember {
  /** As it stands in the archive: a name, never a path to write to. */
  readonly name: string;
  /** Where its content begins. */
  readonly offset: number;
  /** Bytes. */
  readonly size: number;
}

const BLOCK = 512;
/** Longest extended header or long name that is read, bytes. */
const MAX_HEADER = 1 << 20;

/** Kinds of entries that are no regular files, in words. */
const OTHER: Readonly<Record<string, string>> = {
  "1": "a link",
  "2": "a link",
  "3": "a device",
  "4": "a device",
  "6": "a pipe",
  "S": "a sparse file",
  "M": "a part of a file that goes on from another volume",
};

/**
 * Walks through the headers of a tar archive (ustar, pax, GNU); content is skipped by its size, so
 * that memory and reading do not grow with it. Folders are passed over.
 *
 * @throws {RangeError} as the end of a sentence, if it is no tar, ends in the middle, or has a member
 * that is neither a file nor a folder.
 */
export function* indexTar(file: Deno.FsFile): Generator<TarMember> {
  const { size: length } = file.statSync();
  let long: { name?: string; size?: number } = {};
  for (let at = 0; at + BLOCK <= length;) {
    const header = readAt(file, at, BLOCK);
    if (header.every((byte) => byte === 0)) return;
    checkSum(header);
    at += BLOCK;
    const type = String.fromCharCode(header[156]);
    const own = numberAt(header, 124, 12);
    const extended = type === "x" || type === "g" || type === "L" || type === "K";
    const size = extended ? own : long.size ?? own;
    if (at + size > length) throw new RangeError("it ends in the middle");
    if (extended) {
      if (size > MAX_HEADER) throw new RangeError(`a header has ${size} bytes`);
      // "g" is of the archive and "K" is a link's target: neither names a file.
      if (type === "x") long = { ...long, ...paxOf(readAt(file, at, size)) };
      else if (type === "L") long = { ...long, name: text(readAt(file, at, size)) };
    } else {
      const name = long.name ?? nameOf(header);
      long = {};
      if (type === "0" || type === "\0" || type === "7") {
        if (!name.endsWith("/")) yield { name, offset: at, size };
      } else if (type !== "5") {
        throw new RangeError(
          `its member ${JSON.stringify(name)} is ${OTHER[type] ?? "of an unknown kind"}, no file`,
        );
      }
    }
    at += Math.ceil(size / BLOCK) * BLOCK;
  }
  // Some writers leave the two empty blocks at the end out; what is left over is less than a header.
  if (length === 0 || length % BLOCK !== 0) throw new RangeError("it ends in the middle");
}

/** Reads a stretch of a file. @throws {RangeError} if it ends before. */
export function readAt(file: Deno.FsFile, offset: number, size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  file.seekSync(offset, Deno.SeekMode.Start);
  for (let done = 0; done < size;) {
    const read = file.readSync(bytes.subarray(done));
    if (read === null) throw new RangeError("it ends in the middle");
    done += read;
  }
  return bytes;
}

/** `path` and `size` of a pax header: lines of `LENGTH KEY=VALUE`. */
function paxOf(bytes: Uint8Array): { name?: string; size?: number } {
  const found: { name?: string; size?: number } = {};
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at);
    const count = Number(text(bytes.subarray(at, Math.max(at, space))));
    if (space < 0 || !Number.isInteger(count) || count <= space - at || at + count > bytes.length) {
      throw new RangeError("a pax header is damaged");
    }
    const line = new TextDecoder().decode(bytes.subarray(space + 1, at + count - 1));
    const equals = line.indexOf("=");
    const [key, value] = [line.slice(0, equals), line.slice(equals + 1)];
    if (key.startsWith("GNU.sparse")) {
      throw new RangeError("it has a sparse file, which is not read");
    }
    if (key === "path") found.name = value;
    if (key === "size") found.size = wholeNumber(value);
    at += count;
  }
  return found;
}

function wholeNumber(value: string): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && Number.isSafeInteger(number)) return number;
  throw new RangeError("a pax header is damaged");
}

function nameOf(header: Uint8Array): string {
  const name = text(header.subarray(0, 100));
  // GNU's own format has other things where ustar has the prefix.
  const ustar = text(header.subarray(257, 263)) === "ustar";
  const prefix = ustar ? text(header.subarray(345, 500)) : "";
  return prefix === "" ? name : `${prefix}/${name}`;
}

function text(field: Uint8Array): string {
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}

/** Octal digits, or GNU's number in base 256 where the first bit is set. */
function numberAt(header: Uint8Array, at: number, length: number): number {
  const field = header.subarray(at, at + length);
  if ((field[0] & 0x80) === 0) {
    const digits = text(field).trim();
    if (!/^[0-7]+$/.test(digits)) throw new RangeError("it is no tar archive");
    return Number.parseInt(digits, 8);
  }
  let value = field[0] & 0x7f;
  for (const byte of field.subarray(1)) value = value * 256 + byte;
  if (!Number.isSafeInteger(value)) throw new RangeError("a size in it is out of range");
  return value;
}

function checkSum(header: Uint8Array): void {
  let sum = 8 * 0x20;
  for (let i = 0; i < BLOCK; i++) if (i < 148 || i >= 156) sum += header[i];
  if (sum !== numberAt(header, 148, 8)) throw new RangeError("it is no tar archive");
}
