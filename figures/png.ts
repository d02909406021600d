import { concat } from "../base/bytes.ts";
import { crc32, deflateSync } from "node:zlib";

/** An RGB image of 8 bits a channel, row by row. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** `[height, width, 3]`, 0 to 255. */
  readonly data: Uint8Array;
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const CHANNELS = 3;

/**
 * Writes a PNG of 8-bit RGB (W3C PNG, third edition). Each row takes the filter whose differences
 * are smallest in sum, as the standard suggests (12.7).
 *
 * @throws {RangeError} if the data's length is not height x width x 3.
 */
export function encodePng({ width, height, data }: Picture): Uint8Array {
  if (data.length !== height * width * CHANNELS) {
    throw new RangeError(
      `Cannot write ${data.length} bytes as ${height} x ${width} RGB pixels: that takes ${
        height * width * CHANNELS
      }`,
    );
  }
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, 2, 0, 0, 0], 8); // 8 bits, RGB, deflate, adaptive filters, not interlaced
  const stride = width * CHANNELS;
  const filtered = new Uint8Array(height * (stride + 1));
  const zeros = new Uint8Array(stride);
  for (let y = 0; y < height; y++) {
    const row = data.subarray(y * stride, (y + 1) * stride);
    const above = y === 0 ? zeros : data.subarray((y - 1) * stride, y * stride);
    filtered.set(filterRow(row, above), y * (stride + 1));
  }
  return concat([
    Uint8Array.from(SIGNATURE),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(filtered, { level: 9 })),
    chunk("IEND", new Uint8Array(0)),
  ]);
}

/** The row after the best of the filters None, Sub, Up and Paeth, its number in front. */
function filterRow(row: Uint8Array, above: Uint8Array): Uint8Array {
  let best = new Uint8Array(0);
  let smallest = Infinity;
  for (const type of [0, 1, 2, 4]) {
    const out = new Uint8Array(row.length + 1);
    out[0] = type;
    let sum = 0;
    for (let i = 0; i < row.length; i++) {
      const left = i < CHANNELS ? 0 : row[i - CHANNELS];
      const corner = i < CHANNELS ? 0 : above[i - CHANNELS];
      const difference = (row[i] - predict(type, left, above[i], corner)) & 255;
      out[i + 1] = difference;
      sum += difference < 128 ? difference : 256 - difference;
    }
    if (sum < smallest) {
      smallest = sum;
      best = out;
    }
  }
  return best;
}

/** What a filter expects of a byte from those left, above, and above on the left. */
function predict(type: number, left: number, above: number, corner: number): number {
  if (type === 0) return 0;
  if (type === 1) return left;
  if (type === 2) return above;
  const estimate = left + above - corner;
  const toLeft = Math.abs(estimate - left);
  const toAbove = Math.abs(estimate - above);
  const toCorner = Math.abs(estimate - corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

/** A chunk of a PNG: length, type, body, checksum. */
export function chunk(type: string, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(body.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, body.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(body, 8);
  view.setUint32(body.length + 8, crc32(bytes.subarray(4, body.length + 8)));
  return bytes;
}
