import { crc32 } from "node:zlib";
import { checkPixels } from "./pixel_limit.ts";

/** What has to be known of a PNG before it is unpacked. */
export interface PngHeader {
  /** Whether it has grey of 16 bits and no alpha channel, Pillow's `I;16`. */
  readonly grey16: boolean;
  /** The colour that is transparent, as Pillow compares it with 8-bit RGB. */
  readonly key?: readonly [number, number, number];
  /** The file; where there is a key, without it. */
  readonly file: Uint8Array;
}

/**
 * Reads a PNG's header. A transparent colour (`tRNS` of a grey or RGB image) is taken out of the
 * file: Pillow compares its numbers, unscaled and cut to 8 bits, with samples that have been brought
 * to 8 bits, and libpng does not.
 *
 * @throws {RangeError} if it says that it is larger than its bytes can be.
 */
export function readPng(file: Uint8Array): PngHeader {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  if (file.length < 33) throw new RangeError("the PNG is cut");
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const [bits, colour] = [file[24], file[25]];
  checkPixels(width, height);
  // A byte of deflate gives at most 1032. Where there are fewer bytes, no memory need be taken.
  const channels = [1, 0, 3, 1, 2, 0, 4][colour] ?? 1;
  if (height * Math.ceil(width * bits * channels / 8) > file.length * 1032) {
    throw new RangeError("the PNG is cut");
  }
  const plain = { grey16: colour === 0 && bits === 16, file };
  if (colour !== 0 && colour !== 2) return plain;
  for (let at = 8; at + 12 <= file.length;) {
    const length = view.getUint32(at);
    const name = String.fromCharCode(...file.subarray(at + 4, at + 8));
    if (name === "IDAT") break;
    if (name === "tRNS" && length === (colour === 0 ? 2 : 6) && at + 12 + length <= file.length) {
      const checksum = view.getUint32(at + 8 + length);
      if (crc32(file.subarray(at + 4, at + 8 + length)) !== checksum) {
        throw new RangeError("the PNG is damaged");
      }
      const key = Array.from({ length: length / 2 }, (_, i) => view.getUint16(at + 8 + 2 * i));
      const [red, green = red, blue = red] = bits === 1
        ? key.map((value) => value ? 255 : 0)
        : key.map((value) => value & 255);
      const rest = new Uint8Array(file.length - 12 - length);
      rest.set(file.subarray(0, at));
      rest.set(file.subarray(at + 12 + length), at);
      return { ...plain, key: [red, green, blue], file: rest };
    }
    at += 12 + length;
  }
  return plain;
}
