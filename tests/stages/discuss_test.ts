import { match, notStrictEqual, ok } from "node:assert/strict";
import { discuss } from "../../stages/visualize/discuss.ts";
import type { AttentionFile } from "../../stages/visualize/files.ts";

/** Two blocks of two heads on a grid of 4x4 patches of 8 pixels behind 5 other tokens, one image. */
function attention(distance: number[][], entropy: number[][]): AttentionFile {
  return {
    classes: ["ant", "bee"],
    images: [{ index: 7, label: 0, predicted: 1, probability: 0.75 }],
    image_size: [32, 32],
    patch_size: [8, 8],
    grid: [4, 4],
    tokens: 21,
    blocks: 2,
    heads: 2,
    measured: 10,
    distance,
    entropy,
  };
}

function seen(peak: number) {
  const map = new Float32Array(16).fill(0.5 / 15);
  map[peak] = 0.5;
  const heads = new Float32Array(32).fill(1 / 16);
  const none = new Float64Array(0);
  return {
    probabilities: Float32Array.of(0.25, 0.75),
    lastBlock: heads,
    rollout: map,
    distance: [none],
    entropy: [none],
  };
}

const local = attention([[5, 7], [12, 20]], [[1, 1], [2, 2]]);

Deno.test("the discussion names the most local and the most global head, and what they measure", () => {
  const text = discuss(local, [seen(0)]);
  match(text, /most local is head 0 of block 0 with 5\.0 pixels/);
  match(text, /most global head 1 of block 1 with 20\.0 pixels/);
  match(text, /block 0, the lowest, a patch attends 6\.0 pixels away/);
  match(text, /in block 1, the highest, 16\.0 pixels \(167% farther\)/);
});

Deno.test("the discussion says where each image's rollout is strongest, and how strong", () => {
  match(
    discuss(local, [seen(0)]),
    /Image 7, ant, taken for bee with 75\.0%: its rollout is strongest at the top left/,
  );
  match(discuss(local, [seen(15)]), /strongest at the bottom right/);
  // A tenth of 16 patches is 2: one has a half, each of the others a fifteenth of the other half.
  match(discuss(local, [seen(0)]), /strongest 2 of 16 patches have 53\.3% of it/);
});

Deno.test("another run gives another text, and every finding has a number", () => {
  const one = discuss(local, [seen(0)]);
  const other = discuss(attention([[20, 21], [6, 5]], [[2, 2], [1, 1]]), [seen(15)]);
  notStrictEqual(one, other);
  for (const text of [one, other]) {
    for (const paragraph of text.split("\n").filter((line) => line && !line.startsWith("#"))) {
      ok(/\d/.test(paragraph), paragraph);
    }
  }
});

Deno.test("all tokens count in the largest entropy that there can be, not patches alone", () => {
  match(discuss(local, [seen(0)]), /attending to all 21 tokens alike would be 3\.04 nats/);
});
