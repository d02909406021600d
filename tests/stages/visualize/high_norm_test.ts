import { deepStrictEqual as equal, strictEqual } from "node:assert/strict";
import { findHighNorm } from "../../../stages/visualize/high_norm.ts";
import { highNorm } from "../../../vit/token_norms.ts";
import { assertClose } from "../../vit/golden.ts";

Deno.test("a norm is high above twice the median, and above five deviations", () => {
  // Median 10; distances from it 1 and 0: their median is 1, so 10 + 5 * 1.4826 < 20.
  equal(highNorm(Float32Array.of(9, 11, 10, 9, 11)), { median: 10, threshold: 20 });
  // Median 10, median distance 5: 10 + 5 * 1.4826 * 5.
  const { threshold } = highNorm(Float32Array.of(5, 15, 10, 5, 15));
  assertClose([threshold], [47.065], 1e-4, "threshold");
});

/** Two blocks, four patches, one head. */
function seen(below: number[], attention: number[]) {
  return {
    norms: [Float32Array.from(below), Float32Array.of(1, 1, 1, 1)],
    lastBlock: Float32Array.from(attention),
  };
}

Deno.test("tokens of high norm are found where the last block reads them, with their attention", () => {
  const images = [
    seen([1, 1, 30, 1], [0.1, 0.1, 0.5, 0.1]),
    seen([1, 1.1, 1, 0.9], [0.2, 0.2, 0.2, 0.2]),
  ];
  const { summary, patches } = findHighNorm(images, images);
  equal(patches, [[2], []]);
  equal(summary.blocks.map(({ tokens, images }) => [tokens, images]), [[1, 1], [0, 0]]);
  // The other image has none, and does not count.
  assertClose([summary.attention!.high, summary.attention!.other], [0.5, 0.1], 1e-7, "attention");
  strictEqual(findHighNorm([images[1]], []).summary.attention, null);
});
