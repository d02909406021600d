import { crc32 } from "node:zlib";
import type { Random } from "../../base/random.ts";
import { mutateBytes, pick } from "./bytes.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const SIDES = [
  0,
  1,
  2,
  255,
  256,
  4000,
  16383,
  16384,
  30_000,
  65_535,
  65_536,
  2 ** 31 - 1,
  2 ** 32 - 1,
];

/**
 * Damages an image file: as any bytes, or with another width or height (or, of a PNG, depth, colour
 * type and interlacing) in its header, the check sum made to fit, so that the decoder believes it.
 */
export function mutateImage(bytes: Bytes, draw: Random, other: Bytes): Bytes {
  if (draw.below(3) > 0) return mutateBytes(bytes, draw, other);
  const forged = bytes.slice();
  forge(forged, draw);
  return draw.below(4) === 0 ? mutateBytes(forged, draw, other) : forged;
}

function forge(bytes: Bytes, draw: Random): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const side = pick(draw, SIDES);
  const second = draw.below(2);
  const magic = String.fromCharCode(...bytes.subarray(0, 4));
  if (magic === "\x89PNG") forgePng(bytes, view, draw);
  else if (magic === "GIF8") {
    // The screen's size, or that of the first picture.
    const picture = bytes.indexOf(0x2c, 13 + 3 * 2 ** ((bytes[10] & 7) + 1));
    const at = draw.below(2) === 0 || picture < 0 ? 6 : picture + 5;
    view.setUint16(at + 2 * second, side & 0xffff, true);
  } else if (magic.startsWith("BM")) {
    const at = pick(draw, [10, 14, 18, 22, 28, 30, 34, 46]);
    view.setUint32(at, pick(draw, [side, 8, 24, 2 ** 32 - side]) >>> 0, true);
  } else if (magic === "RIFF") {
    view.setUint16(26 + 2 * second, side & 0xffff, true); // VP8: 14 bits each, and a scale
  } else if (magic.startsWith("\xff\xd8")) {
    // SOF0 or SOF2: length, precision, height, width, components.
    const frame = bytes.findIndex((byte, i) =>
      byte === 0xff && [0xc0, 0xc2].includes(bytes[i + 1])
    );
    if (frame >= 0) view.setUint16(frame + 5 + 2 * second, side & 0xffff);
  } else if (magic.startsWith("II")) {
    const directory = view.getUint32(4, true);
    if (directory + 2 > bytes.length) return;
    const entry = directory + 2 + 12 * draw.below(Math.max(1, view.getUint16(directory, true)));
    const at = entry + pick(draw, [0, 2, 4, 8]);
    if (at + 4 <= bytes.length) view.setUint32(at, side, true);
  }
}

function forgePng(bytes: Bytes, view: DataView, draw: Random): void {
  switch (draw.below(4)) {
    case 0:
      bytes[24] = pick(draw, [0, 1, 2, 3, 4, 8, 16, 32]); // depth
      break;
    case 1:
      bytes[25] = draw.below(8); // colour type
      break;
    case 2:
      bytes[28] = draw.below(3); // interlacing
      break;
    default:
      view.setUint32(16 + 4 * draw.below(2), pick(draw, SIDES));
  }
  view.setUint32(29, crc32(bytes.subarray(12, 29)));
}
