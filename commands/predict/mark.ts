import { concat } from "../../base/bytes.ts";
import { chunk } from "../../figures/png.ts";

/** Signature and IHDR, which are first in every PNG. */
const START = 8 + 25;
/** How the chunk begins: its keyword; not compressed, in no language, nor the keyword in one. */
const KEYWORD = "vitrine:source\0\0\0\0\0";

/**
 * Writes into a PNG which image it was drawn of, as an iTXt chunk (W3C PNG, third edition, 11.3.3.4).
 * @param source Any text.
 */
export function mark(png: Uint8Array, source: string): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(KEYWORD + source);
  return concat([png.subarray(0, START), chunk("iTXt", text), png.subarray(START)]);
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
  const start = `iTXt${KEYWORD}`;
  return text.startsWith(start) ? text.slice(start.length) : undefined;
}
