import { type BmpHeader, readBmpHeader } from "./bmp_header.ts";
import { onWhite } from "./colour.ts";
import type { DecodedImage } from "./decode.ts";

/**
 * Reads a Windows or OS/2 bitmap as Pillow's `BmpImagePlugin` does: 1, 4 and 8 bits with a palette,
 * plain or run-length encoded; 16, 24 and 32 bits; either row first. The fourth byte of 32 bits is
 * transparency only where the header has a mask for it. sharp has no reader for them.
 *
 * Where Pillow loses pixels, in 4-bit runs of odd length, the format's own rule is followed.
 *
 * @throws {RangeError} if it is cut, or of another kind.
 */
export function decodeBmp(file: Uint8Array): DecodedImage {
  const header = readBmpHeader(file);
  const { width, height, bits, compression, start, topDown, palette } = header;
  const channels = header.places.length; // 4 where there is transparency
  const runs = compression === 1 || compression === 2 ? unpackRuns(file, header) : undefined;
  const stride = runs ? width : Math.floor((width * bits + 31) / 32) * 4;
  const source = runs ?? file;
  const first = runs ? 0 : start;
  if (first + stride * height > source.length) throw new RangeError("the bitmap is cut");
  const samples = new Uint8Array(height * width * channels);
  for (let y = 0; y < height; y++) {
    const row = first + stride * (topDown ? y : height - 1 - y);
    const at = y * width * channels;
    if (bits > 8) unpackColours(source, row, header, samples, at);
    else {
      for (let x = 0; x < width; x++) {
        const index = runs ? runs[row + x] : indexAt(source[row + (x * bits >> 3)], x, bits);
        for (let c = 0; c < 3; c++) samples[at + x * 3 + c] = palette[index * 3 + c];
      }
    }
  }
  return { height, width, pixels: channels === 4 ? onWhite(samples) : samples };
}

/** The palette index of column `x` within its byte; the leftmost pixel has the highest bits. */
function indexAt(byte: number, x: number, bits: number): number {
  const inByte = 8 / bits;
  return byte >> (bits * (inByte - 1 - x % inByte)) & ((1 << bits) - 1);
}

/** One row of 16, 24 or 32 bits. Whole numbers, smallest byte first; 5 and 6 bits grow to 8. */
function unpackColours(
  source: Uint8Array,
  row: number,
  { width, bits, places }: BmpHeader,
  into: Uint8Array,
  at: number,
): void {
  if (bits === 16) {
    const green = places[1]; // its bits: 5 or 6
    const most = (1 << green) - 1;
    for (let x = 0; x < width; x++) {
      const value = source[row + 2 * x] | source[row + 2 * x + 1] << 8;
      into[at++] = Math.floor((value >> (5 + green) & 31) * 255 / 31);
      into[at++] = Math.floor((value >> 5 & most) * 255 / most);
      into[at++] = Math.floor((value & 31) * 255 / 31);
    }
    return;
  }
  for (let x = 0, from = row; x < width; x++, from += bits / 8) {
    for (let channel = 0; channel < places.length; channel++) {
      into[at++] = source[from + places[channel]];
    }
  }
}

/** Run-length encoding: palette indices `[height, width]`, in the order of the file's rows. */
function unpackRuns(
  file: Uint8Array,
  { width, height, compression, start }: BmpHeader,
): Uint8Array {
  const indices = new Uint8Array(width * height);
  const nibbles = compression === 2;
  let at = 0;
  for (let from = start; at < indices.length; from += 2) {
    if (from + 1 >= file.length) throw new RangeError("the bitmap is cut");
    const [count, value] = [file[from], file[from + 1]];
    if (count > 0) { // a run ends with its row
      const end = at + Math.min(count, width - at % width);
      for (let i = 0; at < end; i++) {
        indices[at++] = !nibbles ? value : i % 2 === 0 ? value >> 4 : value & 15;
      }
    } else if (value === 0) at = Math.ceil(at / width) * width;
    else if (value === 1) break;
    else if (value === 2) {
      if (from + 3 >= file.length) throw new RangeError("the bitmap is cut");
      at += file[from + 2] + file[from + 3] * width;
      from += 2;
    } else {
      const bytes = nibbles ? Math.ceil(value / 2) : value;
      if (from + 2 + bytes > file.length) throw new RangeError("the bitmap is cut");
      for (let i = 0; i < value && at < indices.length; i++) {
        const byte = file[from + 2 + (nibbles ? i >> 1 : i)];
        indices[at++] = !nibbles ? byte : i % 2 === 0 ? byte >> 4 : byte & 15;
      }
      from += bytes + bytes % 2;
    }
  }
  if (at < indices.length) throw new RangeError("the bitmap is cut");
  return indices;
}
