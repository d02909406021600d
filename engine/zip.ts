import { crc32 } from "node:zlib";

/**
 * Just enough of the ZIP format (PKWARE's APPNOTE.TXT) to take a few large files out of an archive
 * without reading the rest: no encryption, no ZIP64, nothing but "stored" and "deflated".
 */

/** One file in an archive. */
export interface ZipEntry {
  readonly name: string;
  /** Bytes as they are stored, and as they were. */
  readonly compressedSize: number;
  readonly size: number;
  readonly crc32: number;
  readonly deflated: boolean;
  /** Where its local header starts. */
  readonly offset: number;
}

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const LOCAL_HEADER = 0x04034b50;
const END_LENGTH = 22;
const LONGEST_COMMENT = 0xffff;

/**
 * Reads an archive's list of files.
 * @throws {Error} if the file is no such archive.
 */
export async function readDirectory(file: Deno.FsFile): Promise<Map<string, ZipEntry>> {
  const { size } = await file.stat();
  const tail = await readAt(
    file,
    Math.max(0, size - END_LENGTH - LONGEST_COMMENT),
    Math.min(size, END_LENGTH + LONGEST_COMMENT),
  );
  let end = tail.byteLength - END_LENGTH;
  while (end >= 0 && tail.getUint32(end, true) !== END_OF_DIRECTORY) end--;
  if (end < 0) throw new Error("Cannot read the archive: it is not a ZIP file or is cut short");
  const length = tail.getUint32(end + 12, true);
  const start = tail.getUint32(end + 16, true);
  if (start + length > size) {
    throw new Error("Cannot read the archive: its directory is outside it");
  }
  const directory = await readAt(file, start, length);
  const entries = new Map<string, ZipEntry>();
  for (let at = 0; at + 46 <= length;) {
    if (directory.getUint32(at, true) !== DIRECTORY_ENTRY) break;
    const method = directory.getUint16(at + 10, true);
    const nameLength = directory.getUint16(at + 28, true);
    const name = new TextDecoder().decode(
      new Uint8Array(directory.buffer, directory.byteOffset + at + 46, nameLength),
    );
    const encrypted = (directory.getUint16(at + 8, true) & 1) === 1;
    // Others in the archive may be packed as they like: only what is asked for must be readable.
    if (!encrypted && (method === 0 || method === 8)) {
      entries.set(name, {
        name,
        compressedSize: directory.getUint32(at + 20, true),
        size: directory.getUint32(at + 24, true),
        crc32: directory.getUint32(at + 16, true),
        deflated: method === 8,
        offset: directory.getUint32(at + 42, true),
      });
    }
    at += 46 + nameLength + directory.getUint16(at + 30, true) + directory.getUint16(at + 32, true);
  }
  return entries;
}

/**
 * The bytes of one file of an archive, piece by piece; memory does not grow with it.
 * @throws {Error} if what comes out has another length or checksum than the archive says.
 */
export async function* unpack(file: Deno.FsFile, entry: ZipEntry): AsyncGenerator<Uint8Array> {
  const header = await readAt(file, entry.offset, 30);
  if (header.getUint32(0, true) !== LOCAL_HEADER) {
    throw new Error(`Cannot unpack ${entry.name}: the archive's directory does not lead to it`);
  }
  const start = entry.offset + 30 + header.getUint16(26, true) + header.getUint16(28, true);
  const stored = ReadableStream.from(readPieces(file, start, entry.compressedSize));
  const pieces = entry.deflated
    ? stored.pipeThrough(new DecompressionStream("deflate-raw"))
    : stored;
  let size = 0;
  let checksum = 0;
  for await (const piece of pieces) {
    size += piece.length;
    checksum = crc32(piece, checksum);
    yield piece;
  }
  if (size !== entry.size || checksum !== entry.crc32) {
    throw new Error(`Cannot unpack ${entry.name}: the archive is damaged`);
  }
}

async function* readPieces(
  file: Deno.FsFile,
  start: number,
  length: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const PIECE = 1 << 20;
  for (let at = 0; at < length; at += PIECE) {
    const view = await readAt(file, start + at, Math.min(PIECE, length - at));
    yield new Uint8Array(view.buffer);
  }
}

async function readAt(
  file: Deno.FsFile,
  start: number,
  length: number,
): Promise<DataView<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  await file.seek(start, Deno.SeekMode.Start);
  for (let at = 0; at < length;) {
    const n = await file.read(bytes.subarray(at));
    if (n === null) throw new Error("Cannot read the archive: it is cut short");
    at += n;
  }
  return new DataView(bytes.buffer);
}
