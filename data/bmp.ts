import type { DecodedImage } from "./imagefolder.ts";

/** Whether a file begins as a Windows bitmap does. */
export function isBmp(file: Uint8Array): boolean {
  return file[0] === 0x42 && file[1] === 0x4d;
}

/**
 * Reads an uncompressed Windows bitmap: 1, 4 and 8 bits with a palette, 24 and 32 bits. sharp has no
 * reader for them. As in Pillow, the fourth byte of 32 bits is no transparency.
 *
 * @throws {RangeError} if it is cut, compressed or of another kind.
 */
export function decodeBmp(file: Uint8Array<ArrayBuffer>): DecodedImage {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  if (file.length < 54 || view.getUint32(14, true) < 40) {
    throw new RangeError("it is cut, or a bitmap of before 1990");
  }
  const start = view.getUint32(10, true);
  const headerBytes = view.getUint32(14, true);
  const width = view.getInt32(18, true);
  const signedHeight = view.getInt32(22, true); // negative: the first row is the top one
  const height = Math.abs(signedHeight);
  const bits = view.getUint16(28, true);
  const compression = view.getUint32(30, true);
  if (![1, 4, 8, 24, 32].includes(bits) || !(compression === 0 || isPlainMask(view, bits))) {
    throw new RangeError(`a bitmap of ${bits} bits with compression ${compression} is not known`);
  }
  const stride = Math.ceil(width * bits / 32) * 4;
  if (width < 1 || height < 1 || start + stride * height > file.length) {
    throw new RangeError("the bitmap is cut");
  }
  const pixels = new Uint8Array(height * width * 3);
  for (let y = 0; y < height; y++) {
    const row = start + stride * (signedHeight < 0 ? y : height - 1 - y);
    for (let x = 0; x < width; x++) {
      const source = bits >= 24
        ? row + x * bits / 8
        : 14 + headerBytes + 4 * index(file[row + (x * bits >> 3)], x, bits);
      const at = (y * width + x) * 3;
      pixels[at] = file[source + 2];
      pixels[at + 1] = file[source + 1];
      pixels[at + 2] = file[source];
    }
  }
  return { height, width, pixels };
}

/** The palette index of column `x` within its byte; the leftmost pixel has the highest bits. */
function index(byte: number, x: number, bits: number): number {
  const inByte = 8 / bits;
  return byte >> (bits * (inByte - 1 - x % inByte)) & ((1 << bits) - 1);
}

/** Bit fields that say what 32 bits without compression mean: blue, green, red from the lowest. */
function isPlainMask(view: DataView, bits: number): boolean {
  return bits === 32 && view.getUint32(30, true) === 3 && view.byteLength >= 66 &&
    view.getUint32(54, true) === 0xff0000 && view.getUint32(58, true) === 0xff00 &&
    view.getUint32(62, true) === 0xff;
}
