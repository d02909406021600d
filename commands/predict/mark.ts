import { crc32 } from "node:zlib";
import { concat } from "../../base/bytes.ts";

/** Signature and IHDR, which are first in every PNG. */
const START = 8 + 25;
const KEYWORD = "vitrine:source";

/**
 * Writes into a PNG which image it was drawn of, as an iTXt chunk (W3C PNG, third edition, 11.3.3.4).
 * @param source Any text.
 */
export function mark(png: Uint8Array, source: string): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(`iTXt${KEYWORD}\0\0\0\0\0${source}`);
  const chunk = new Uint8Array(text.length + 8);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, text.length - 4); // of what follows the type
  chunk.set(text, 4);
  view.setUint32(text.length + 4, crc32(text));
  return concat([png.subarray(0, START), chunk, png.subarray(START)]);
}

/** The source that {@linkcode mark} wrote into a file; undefined where it is not one of ours. */
export function sourceOf(path: string): string | undefined {
  let head: Uint8Array;
  try {
    using file = Deno.openSync(path);
    head = new Uint8Array(1 << 13); // a path has 4096 bytes at most
    head = head.subarray(0, file.readSync(head) ?? 0);
  } catch {
    return undefined;
  }
  if (head.length < START + 8) return undefined;
  const length = new DataView(head.buffer).getUint32(START);
  const text = new TextDecoder().decode(head.subarray(START + 4, START + 8 + length));
  const start = `iTXt${KEYWORD}\0\0\0\0\0`;
  return text.startsWith(start) ? text.slice(start.length) : undefined;
}
