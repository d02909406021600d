import { deepEqual, equal, throws } from "node:assert/strict";
import { PixelCounts } from "../../data/statistics.ts";
import { normalizationTable } from "../../data/transform.ts";

Deno.test("mean, deviation and range are those of all pixels that were added", () => {
  const counts = new PixelCounts();
  counts.add(Uint8Array.of(0, 10, 255, 4, 10, 255));
  counts.add(Uint8Array.of(8, 10, 0));
  const { mean, std, minimum, maximum } = counts.statistics();
  deepEqual(mean, [4, 10, 170]);
  deepEqual(std, [Math.sqrt(32 / 3), 0, Math.sqrt((2 * 85 ** 2 + 170 ** 2) / 3)]);
  deepEqual(minimum, [0, 10, 0]);
  deepEqual(maximum, [8, 10, 255]);
});

Deno.test("normalised statistics follow from the same counts", () => {
  const counts = new PixelCounts();
  counts.add(Uint8Array.of(0, 0, 51, 255, 0, 204));
  const table = normalizationTable(1 / 255, [0.5, 0.5, 0.5], [0.5, 0.5, 0.25]);
  const { mean, std, minimum, maximum } = counts.statistics(table);
  const close = (actual: number[], expected: number[]) =>
    actual.forEach((value, i) => equal(Math.abs(value - expected[i]) < 1e-6, true, `${actual}`));
  close(mean, [0, -1, 0]); // blue: 0.2 and 0.8 are -1.2 and 1.2
  close(std, [1, 0, 1.2]);
  close(minimum, [-1, -1, -1.2]);
  close(maximum, [1, -1, 1.2]);
});

Deno.test("every bin of a histogram holds four values, before and after normalising", () => {
  const counts = new PixelCounts();
  for (let value = 0; value < 256; value++) counts.add(Uint8Array.of(value, value, value));
  const four = new Array(64).fill(4);
  const before = counts.statistics().histogram;
  deepEqual([before.from, before.to, before.counts], [-0.5, 255.5, [four, four, four]]);
  const table = normalizationTable(1 / 255, [0.5, 0.5, 0.5], [0.5, 0.5, 0.5]);
  deepEqual(counts.statistics(table).histogram.counts, [four, four, four]);
});

Deno.test("there is nothing to say of no pixels", () => {
  throws(() => new PixelCounts().statistics(), /none were counted/);
});
