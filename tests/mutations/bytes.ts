import { concat } from "../../base/bytes.ts";
import type { Random } from "../../base/random.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Numbers at which programs that trust a length go wrong, as 64-bit words. */
export const EXTREMES = [
  0n,
  1n,
  0x7fn,
  0xffn,
  0x7fffn,
  0xffffn,
  100_000_000n,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
];

/** One of some things. */
export function pick<T>(draw: Random, choices: readonly T[]): T {
  return choices[draw.below(choices.length)];
}

/**
 * Damages bytes as transfers, disks, editors and forgers do: one to four faults, drawn at random.
 * @param other A second file, for splicing.
 * @returns New bytes, of at most twice the length of both and 4 KiB.
 */
export function mutateBytes(bytes: Bytes, draw: Random, other: Bytes = bytes): Bytes {
  let result: Bytes = bytes.slice();
  for (let left = 1 + draw.below(4); left > 0; left--) {
    result = pick(draw, FAULTS)(result, draw, other);
  }
  return result.slice(0, 2 * (bytes.length + other.length) + 4096);
}

type Fault = (bytes: Bytes, draw: Random, other: Bytes) => Bytes;

const FAULTS: readonly Fault[] = [
  flipBits,
  flipBits,
  setBytes,
  cut,
  extend,
  overwriteWord,
  overwriteWord,
  zeroRange,
  deleteRange,
  duplicateRange,
  swapRanges,
  splice,
];

/** A place in a file: half of them among the first 64 bytes, where formats keep what matters. */
function place(bytes: Bytes, draw: Random): number {
  if (bytes.length === 0) return 0;
  return draw.below(draw.below(2) === 0 ? Math.min(64, bytes.length) : bytes.length);
}

function range(bytes: Bytes, draw: Random): [start: number, end: number] {
  const start = place(bytes, draw);
  const longest = pick(draw, [4, 64, bytes.length]);
  return [start, Math.min(bytes.length, start + 1 + draw.below(longest + 1))];
}

function flipBits(bytes: Bytes, draw: Random): Bytes {
  for (let left = 1 + draw.below(8); left > 0 && bytes.length > 0; left--) {
    bytes[place(bytes, draw)] ^= 1 << draw.below(8);
  }
  return bytes;
}

function setBytes(bytes: Bytes, draw: Random): Bytes {
  const [start, end] = range(bytes, draw);
  for (let i = start; i < Math.min(end, start + 16); i++) bytes[i] = draw.below(256);
  return bytes;
}

function cut(bytes: Bytes, draw: Random): Bytes {
  return bytes.slice(0, place(bytes, draw));
}

function extend(bytes: Bytes, draw: Random): Bytes {
  const more = new Uint8Array(1 + draw.below(64));
  if (draw.below(2) === 0) { for (let i = 0; i < more.length; i++) more[i] = draw.below(256); }
  return concat([bytes, more]);
}

/** Writes an extreme number of 2, 4 or 8 bytes, in either byte order, over what may be a length. */
function overwriteWord(bytes: Bytes, draw: Random): Bytes {
  const at = place(bytes, draw);
  const width = pick(draw, [2, 4, 8]);
  const value = pick(draw, EXTREMES);
  const word = Array.from({ length: width }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
  if (draw.below(2) === 0) word.reverse();
  for (let i = 0; i < width && at + i < bytes.length; i++) bytes[at + i] = word[i];
  return bytes;
}

function zeroRange(bytes: Bytes, draw: Random): Bytes {
  return bytes.fill(0, ...range(bytes, draw));
}

function deleteRange(bytes: Bytes, draw: Random): Bytes {
  const [start, end] = range(bytes, draw);
  return concat([bytes.subarray(0, start), bytes.subarray(end)]);
}

function duplicateRange(bytes: Bytes, draw: Random): Bytes {
  const [start, end] = range(bytes, draw);
  return concat([bytes.subarray(0, end), bytes.subarray(start, end), bytes.subarray(end)]);
}

function swapRanges(bytes: Bytes, draw: Random): Bytes {
  const [start, end] = range(bytes, draw);
  const [a, b] = [bytes.slice(start, end), place(bytes, draw)];
  const other = bytes.slice(b, b + a.length);
  bytes.set(other, start);
  bytes.set(a.subarray(0, bytes.length - b), b);
  return bytes;
}

function splice(bytes: Bytes, draw: Random, other: Bytes): Bytes {
  return concat([bytes.subarray(0, place(bytes, draw)), other.subarray(place(other, draw))]);
}
