import { checkPixels } from "./pixel_limit.ts";

/**
 * Reads the number of components in a JPEG's frame header: 1 grey, 3 colours, 4 CMYK or YCCK.
 * Undefined where there is no such header (the decoder then says what is wrong).
 *
 * @throws {RangeError} if it says that it is larger than its bytes can be.
 */
export function jpegComponents(file: Uint8Array): number | undefined {
  for (let at = 2; at + 10 <= file.length;) {
    if (file[at] !== 0xff) return undefined;
    const marker = file[at + 1];
    if (marker === 0xff) { // padding
      at++;
      continue;
    }
    if (marker === 0xda) return undefined;
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      const [height, width] = [5, 7].map((field) => file[at + field] << 8 | file[at + field + 1]);
      checkPixels(width, height);
      // Huffman coding spends at least a bit on the mean of each 8x8 block. Where there are fewer
      // bits, no memory need be taken.
      if (marker <= 0xc2 && width * height > file.length * 8 * 64) {
        throw new RangeError("the JPEG is cut");
      }
      return file[at + 9];
    }
    at += 2 + (file[at + 2] << 8 | file[at + 3]);
  }
}
