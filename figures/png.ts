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
      const predicted = [0, left, above[i], 0, paeth(left, above[i], corner)][type];
      const difference = out[i + 1] = row[i] - predicted;
      const byte = difference & 255;
      sum += byte < 128 ? byte : 256 - byte;
    }
    if (sum < smallest) [smallest, best] = [sum, out];
  }
  return best;
}

function paeth(left: number, above: number, corner: number): number {
  const estimate = left + above - corner;
  const [a, b, c] = [left, above, corner].map((value) => Math.abs(estimate - value));
  return a <= b && a <= c ? left : b <= c ? above : corner;
}

function chunk(type: string, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(body.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, body.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(body, 8);
  view.setUint32(body.length + 8, crc32(bytes.subarray(4, body.length + 8)));
  return bytes;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
