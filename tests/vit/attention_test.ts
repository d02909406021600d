import { deepStrictEqual as equal } from "node:assert/strict";
import { attentionDistance, attentionEntropy, evenDistance } from "../../vit/attention.ts";
import { rolloutRow } from "../../vit/attention_rollout.ts";
import { assertClose, readTensors } from "./golden.ts";

// Sums of at most 17 shares below 1, and distances below 45 pixels, in 32-bit floats on the other side.
const SHARES = 1e-6;
const PIXELS = 2e-5;

const io = await readTensors("vit", "io.safetensors");
const expected = await readTensors("attention", "io.safetensors");
const [HEADS, TOKENS, BLOCKS] = [4, 17, 4];
const blocks = Array.from(
  { length: BLOCKS },
  (_, i) => io.get(`attentions.${i}`)!.data.subarray(0, HEADS * TOKENS * TOKENS),
);

/** Rows of all tokens. */
function rollout(blocks: readonly Float32Array[], heads: number, tokens: number): number[] {
  return Array.from({ length: tokens }, (_, row) => [...rolloutRow(blocks, heads, tokens, { row })])
    .flat();
}

Deno.test("rollout is PyTorch's", () => {
  assertClose(rollout(blocks, HEADS, TOKENS), expected.get("rollout")!.data, SHARES, "rollout");
});

Deno.test("attention distance and entropy are PyTorch's, block by block", () => {
  blocks.forEach((weights, i) => {
    const distance = attentionDistance(weights, HEADS, [4, 4], [8, 8]);
    assertClose(distance, expected.get(`distance.${i}`)!.data, PIXELS, `distance.${i}`);
    const entropy = attentionEntropy(weights, HEADS, TOKENS);
    assertClose(entropy, expected.get(`entropy.${i}`)!.data, 1e-5, `entropy.${i}`);
  });
});

Deno.test("distance goes by the grid and both sides of a patch", () => {
  // Two patches across, 10 pixels apart; all look at the right one; the class token gets half.
  const row = [0.5, 0, 0.5];
  const weights = Float32Array.from([...row, ...row, ...row]);
  equal([...attentionDistance(weights, 1, [1, 2], [3, 10])], [5]);
  equal([...attentionDistance(weights, 1, [2, 1], [3, 10])], [1.5]);
});

Deno.test("even attention is as far as all pairs of patches are on average", () => {
  equal(evenDistance([1, 2], [3, 10]), 5); // 0, 10, 10 and 0
  equal(evenDistance([2, 2], [3, 4]), 3); // from each patch 0, 3, 4 and 5
  // What attentionDistance measures of weights that are all alike.
  const weights = new Float32Array(7 * 7).fill(1 / 8);
  assertClose(
    attentionDistance(weights, 1, [2, 3], [8, 4]),
    [evenDistance([2, 3], [8, 4])],
    1e-12,
    "distance",
  );
});

Deno.test("a patch that attends to the class token alone has no say in the distance", () => {
  // Two patches, 10 pixels apart: the first looks at the second, the second at no patch.
  const classToken = [1, 0, 0];
  const some = Float32Array.from([...classToken, ...[0.5, 0, 0.5], ...classToken]);
  equal([...attentionDistance(some, 1, [1, 2], [3, 10])], [10]);
  const none = Float32Array.from([...classToken, ...classToken, ...classToken]);
  equal([...attentionDistance(none, 1, [1, 2], [3, 10])], [0]);
});

Deno.test("a token that attends to itself alone has entropy 0 and hands on only itself", () => {
  const self = Float32Array.from([1, 0, 0, 1]);
  assertClose(attentionEntropy(self, 1, 2), [0], 1e-10, "entropy");
  equal(rollout([self, self], 1, 2), [1, 0, 0, 1]);
  const even = Float32Array.from([0.5, 0.5, 0.5, 0.5]);
  assertClose(attentionEntropy(even, 1, 2), [Math.log(2)], 1e-12, "entropy");
  // (3/4 1/4; 1/4 3/4) squared.
  equal(rollout([even, even], 1, 2), [0.625, 0.375, 0.375, 0.625]);
});
