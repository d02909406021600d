import { checkPixels } from "./pixel_limit.ts";

/** Where the bytes of red, green, blue (and transparency) are in 24 or 32 bits, by their masks. */
const PLACES: Readonly<Record<string, readonly number[]>> = {
  "24:ff0000,ff00,ff,0": [2, 1, 0],
  "32:ff0000,ff00,ff,0": [2, 1, 0],
  "32:ff000000,ff0000,ff00,0": [3, 2, 1],
  "32:ff000000,ff00,ff,0": [3, 1, 0],
  "32:ff000000,ff0000,ff00,ff": [3, 2, 1, 0],
  "32:ff,ff00,ff0000,ff000000": [0, 1, 2, 3],
  "32:ff0000,ff00,ff,ff000000": [2, 1, 0, 3],
  "32:ff000000,ff00,ff,ff0000": [3, 1, 0, 2],
  "32:0,0,0,0": [2, 1, 0, 3],
  // 16 bits: as many numbers as colours have sizes, the middle one the bits of green.
  "16:f800,7e0,1f,0": [5, 6, 5],
  "16:7c00,3e0,1f,0": [5, 5, 5],
};

const DEPTHS = [1, 4, 8, 16, 24, 32];
const HEADERS = [12, 40, 52, 56, 64, 108, 124];

/** What stands before the pixels of a bitmap. */
export interface BmpHeader {
  readonly width: number;
  readonly height: number;
  /** Whether the first row of the file is the top one. */
  readonly topDown: boolean;
  /** Of a pixel. */
  readonly bits: number;
  /** 0 none, 1 runs of bytes, 2 runs of half bytes, 3 none and masks. */
  readonly compression: number;
  /** Where the pixels begin. */
  readonly start: number;
  /** Of 24 and 32 bits: the byte of each channel. Of 16: how many bits each channel has. */
  readonly places: readonly number[];
  /** RGB, `[256, 3]`; empty above 8 bits. */
  readonly palette: Uint8Array;
}

/** @throws {RangeError} if it is cut, too large, or of a kind that is not known. */
export function readBmpHeader(file: Uint8Array): BmpHeader {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const headerBytes = view.byteLength < 26 ? 0 : view.getUint32(14, true);
  if (view.byteLength < 26 || view.byteLength < 14 + headerBytes) {
    throw new RangeError("the bitmap is cut");
  }
  if (!HEADERS.includes(headerBytes)) {
    throw new RangeError(`a bitmap with a header of ${headerBytes} bytes is not known`);
  }
  const old = headerBytes === 12;
  const width = old ? view.getUint16(18, true) : view.getInt32(18, true);
  const signedHeight = old ? view.getUint16(20, true) : view.getInt32(22, true);
  const height = Math.abs(signedHeight);
  const bits = view.getUint16(old ? 24 : 28, true);
  const compression = old ? 0 : view.getUint32(30, true);
  const colours = (old ? 0 : view.getUint32(46, true)) || 2 ** bits;
  checkPixels(width, height);
  const known = DEPTHS.includes(bits) && (compression === 0 || compression === 3 && bits > 8 ||
    compression === 1 && bits === 8 || compression === 2 && bits === 4);
  if (!known) {
    throw new RangeError(`a bitmap of ${bits} bits with compression ${compression} is not known`);
  }
  const entry = old ? 3 : 4;
  const tableBytes = bits > 8 ? 0 : entry * colours;
  const table = 14 + headerBytes; // masks stand there instead where there is no palette
  let start = view.getUint32(10, true) || table + tableBytes;
  if (start === table) start += tableBytes;
  return {
    width,
    height,
    topDown: signedHeight < 0,
    bits,
    compression,
    start,
    places: bits > 8 ? readPlaces(view, bits, compression, headerBytes) : [0, 1, 2],
    palette: bits > 8 ? new Uint8Array(0) : readPalette(file, table, entry, colours),
  };
}

function readPlaces(
  view: DataView,
  bits: number,
  compression: number,
  headerBytes: number,
): readonly number[] {
  if (compression !== 3) return bits === 16 ? [5, 5, 5] : [2, 1, 0];
  if (view.byteLength < 70) throw new RangeError("the bitmap is cut");
  const mask = (at: number) => view.getUint32(at, true).toString(16);
  const alpha = headerBytes >= 56 && bits === 32 ? mask(66) : "0";
  const found = PLACES[`${bits}:${mask(54)},${mask(58)},${mask(62)},${alpha}`];
  if (!found) throw new RangeError(`a bitmap of ${bits} bits with such masks is not known`);
  return found;
}

/** 256 colours; those that the file does not have are black, as in Pillow. */
function readPalette(file: Uint8Array, start: number, entry: number, colours: number): Uint8Array {
  if (colours > 65_536) throw new RangeError(`a bitmap of ${colours} colours is not known`);
  const palette = new Uint8Array(256 * 3);
  for (let i = 0; i < Math.min(256, colours); i++) {
    const at = start + i * entry;
    if (at + 3 > file.length) throw new RangeError("the bitmap is cut");
    palette.set([file[at + 2], file[at + 1], file[at]], i * 3);
  }
  return palette;
}
