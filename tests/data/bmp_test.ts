import { deepStrictEqual as equal, throws } from "node:assert/strict";
import { decodeBmp } from "../../data/bmp.ts";

/** A bitmap of 2 x 1 pixels with the colours 0 red, 1 green, 2 blue, in runs of bytes. */
function runs(...codes: number[]): Uint8Array {
  const palette = [[0, 0, 255, 0], [0, 255, 0, 0], [255, 0, 0, 0]].flat(); // blue, green, red, 0
  const start = 14 + 40 + palette.length;
  const file = new Uint8Array(start + codes.length);
  const view = new DataView(file.buffer);
  file.set([0x42, 0x4d]);
  view.setUint32(10, start, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, 2, true);
  view.setInt32(22, 1, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, 8, true);
  view.setUint32(30, 1, true);
  view.setUint32(46, palette.length / 4, true);
  file.set(palette, 14 + 40);
  file.set(codes, start);
  return file;
}

Deno.test("runs and jumps give the pixels that they say", () => {
  equal([...decodeBmp(runs(1, 2, 1, 1)).pixels], [0, 0, 255, 0, 255, 0]);
  equal([...decodeBmp(runs(0, 2, 1, 0, 1, 2)).pixels], [255, 0, 0, 0, 0, 255]);
});

for (const codes of [[], [2], [1, 2], [0, 2], [0, 2, 1], [0, 2, 1, 0], [0, 3, 1, 2]]) {
  Deno.test(`a file that ends after the codes ${codes.join(", ") || "none"} is cut`, () => {
    throws(() => decodeBmp(runs(...codes)), { name: "RangeError", message: "the bitmap is cut" });
  });
}
