import { greyPalette } from "./colour.ts";
import type { DecodedImage } from "./decode.ts";
import { unpackLzw } from "./gif_lzw.ts";
import { checkPixels } from "./pixel_limit.ts";

/**
 * Reads the first picture of a GIF as Pillow does: a picture that is smaller than the canvas lies on
 * the transparent colour, or where there is none on colour 0; a canvas that is too small grows; what
 * is transparent is white.
 *
 * @throws {RangeError} if it is cut, or has no picture.
 */
export function decodeGif(file: Uint8Array): DecodedImage {
  const cut = () => new RangeError("the GIF is cut");
  const byte = (at: number): number => at < file.length ? file[at] : fail(cut());
  const word = (at: number): number => byte(at) | byte(at + 1) << 8;
  /** Where the blocks that start here end. */
  const afterBlocks = (at: number): number => {
    while (byte(at) > 0) at += byte(at) + 1;
    return at + 1;
  };
  const palette = greyPalette(); // where the file has none
  const readColours = (at: number, flags: number): number => {
    if ((flags & 0x80) === 0) return at;
    const bytes = 3 << (flags & 7) + 1;
    if (at + bytes > file.length) throw cut();
    palette.fill(0); // black: indices that it has no colour for
    palette.set(file.subarray(at, at + bytes));
    return at + bytes;
  };

  let at = readColours(13, byte(10));
  let transparent = -1;
  for (; byte(at) !== 0x2c; at++) {
    if (byte(at) === 0x3b) throw new RangeError("the GIF has no picture");
    if (byte(at) !== 0x21) continue; // what is between blocks is skipped
    const label = byte(at + 1);
    if (label === 0xf9 && byte(at + 2) >= 4 && byte(at + 3) & 1) transparent = byte(at + 6);
    at = afterBlocks(at + 2) - 1;
  }
  const [left, top, width, height] = [1, 3, 5, 7].map((field) => word(at + field));
  const canvas = {
    width: Math.max(word(6), left + width),
    height: Math.max(word(8), top + height),
  };
  checkPixels(canvas.width, canvas.height);
  const flags = byte(at + 9);
  at = readColours(at + 10, flags);
  const indices = unpackLzw(file, at, width * height);
  const pixels = new Uint8Array(canvas.height * canvas.width * 3);
  if (transparent >= 0) palette.fill(255, transparent * 3, transparent * 3 + 3);
  const outside = palette.subarray(Math.max(0, transparent) * 3, Math.max(0, transparent) * 3 + 3);
  if (width < canvas.width || height < canvas.height) {
    for (let i = 0; i < pixels.length; i += 3) pixels.set(outside, i);
  }
  const rows = flags & 0x40 ? interlacedRows(height) : Array.from({ length: height }, (_, y) => y);
  rows.forEach((y, i) => {
    let to = ((top + y) * canvas.width + left) * 3;
    for (let from = i * width; from < (i + 1) * width; from++) {
      const colour = indices[from] * 3;
      pixels[to++] = palette[colour];
      pixels[to++] = palette[colour + 1];
      pixels[to++] = palette[colour + 2];
    }
  });
  return { ...canvas, pixels };
}

/** Rows in the order in which an interlaced GIF has them: each 8th, 8th from 4, 4th, 2nd. */
function interlacedRows(height: number): number[] {
  const rows: number[] = [];
  for (const [first, step] of [[0, 8], [4, 8], [2, 4], [1, 2]]) {
    for (let y = first; y < height; y += step) rows.push(y);
  }
  return rows;
}

function fail(error: Error): never {
  throw error;
}
