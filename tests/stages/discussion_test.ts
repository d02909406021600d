import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import { discuss, type DiscussionInput } from "../../stages/visualize/discussion/discuss.ts";
import { discussionMarkdown } from "../../stages/visualize/discussion/markdown.ts";
import { measure } from "../../stages/visualize/discussion/measures.ts";
import type { FaithfulnessFile } from "../../stages/visualize/files.ts";

/** One image seen by two blocks of two heads. */
function observed(distance: number[][], entropy: number[][]) {
  return {
    distance: distance.map((heads) => Float64Array.from(heads)),
    entropy: entropy.map((heads) => Float64Array.from(heads)),
  };
}

/** A rollout on 4 x 4 patches, a half of it on one of them. */
function drawnAt(peak: number) {
  const rollout = new Float32Array(16).fill(0.5 / 15);
  rollout[peak] = 0.5;
  return { lastBlock: new Float32Array(32).fill(1 / 16), rollout };
}

/** Two blocks of two heads on a grid of 4x4 patches of 8 pixels behind 5 other tokens, ten images. */
function input(
  distance: number[][] = [[5, 7], [12, 20]],
  change: Partial<DiscussionInput> = {},
): DiscussionInput {
  const entropy = [[1, 1], [2, 2]];
  return {
    attention: {
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
    },
    drawn: [drawnAt(0)],
    measured: Array.from({ length: 10 }, () => observed(distance, entropy)),
    images: [],
    ...change,
  };
}

const textOf = (one: DiscussionInput) => discussionMarkdown(discuss(one));

/** Ten right and ten wrong predictions, the wrong ones spread over so many patches more. */
function outcomes(more: number): DiscussionInput["images"] {
  return Array.from({ length: 20 }, (_, i) => ({
    index: i,
    correct: i % 2 === 0,
    probability: 0.5,
    spread: 6 + i % 4 + (i % 2) * more,
    concentration: 0.3 + 0.01 * (i % 3),
    center: 0.25 + 0.01 * (i % 5),
  }));
}

function faithfulness(gain: number, half: number): FaithfulnessFile {
  const interval: [number, number] = [gain - half, gain + half];
  const measured = {
    curve: [0.9, 0.1],
    area: 0.5,
    interval: [0.4, 0.6] as [number, number],
    gain: { mean: gain, interval },
    better_than_random: gain - half > 0,
    better_than_center: false,
  };
  return {
    images: 200,
    removed: "mean",
    fractions: [0, 1],
    methods: [{
      method: "rollout",
      deletion: measured,
      insertion: measured,
      better_than_random: gain - half > 0,
    }],
  };
}

Deno.test("the discussion names the most local and the most global head, and what they measure", () => {
  const text = textOf(input());
  match(text, /most local is head 0 of block 0 with 5\.0 pixels/);
  match(text, /most global head 1 of block 1 with 20\.0 pixels/);
  match(text, /block 0, the lowest, a patch attends 6\.0 pixels away on average/);
  match(text, /in block 1, the highest, 16\.0 pixels: 167% farther\./);
  match(textOf(input([[12, 20], [5, 7]])), /in block 1, the highest, 6\.0 pixels: 63% nearer\./);
});

Deno.test("where attention is even, it would be so far on average", () => {
  // Over all pairs on a grid of 4x4: 2.0080 patches of 8 pixels.
  match(textOf(input()), /alike would give 16\.1 pixels/);
});

Deno.test("each image's rollout is told by its place and its share", () => {
  // A tenth of 16 patches is 2: one has a half, each of the others a fifteenth of the other half.
  match(
    textOf(input()),
    /Image 7, ant, taken for bee with 75\.0%: its rollout is strongest at the top left, the strongest 2 of 16 patches have 53\.3% of it/,
  );
  match(textOf(input(undefined, { drawn: [drawnAt(15)] })), /strongest at the bottom right/);
});

Deno.test("a map that is no better than random is said to be so, and one that is better too", () => {
  const worse = textOf(input(undefined, { faithfulness: faithfulness(0.01, 0.02) }));
  match(worse, /The rollout is no better than random at saying on which patches the class depends/);
  match(worse, /Where the rollout is bright says no more about the decision than a random choice/);
  match(
    worse,
    /area .* by −0\.010 \(95% interval −0\.030 to \+0\.010\), adding them first by \+0\.010/,
  );
  const better = textOf(input(undefined, { faithfulness: faithfulness(0.1, 0.02) }));
  match(better, /The rollout is better than random/);
  doesNotMatch(better, /random choice of patches would/);
  match(better, /In removing and adding it does not beat taking patches from the middle/);
  match(textOf(input()), /\(faithfulness: 0\), so nothing here says/);
  // Of nine images the interval is too narrow to be told.
  const few = { ...faithfulness(0.1, 0.02), images: 9 };
  few.methods[0].better_than_random = null;
  const text = textOf(input(undefined, { faithfulness: few }));
  match(
    text,
    /Whether the rollout says on which patches the class depends can't be told from 9 im/,
  );
  match(text, /by −0\.100, adding them first by \+0\.100, beside a random order/);
});

Deno.test("a map that is better in one test alone is said to be so, and is not called useless", () => {
  const file = faithfulness(0.1, 0.02);
  const [method] = file.methods;
  const insertion = { ...faithfulness(0.01, 0.02).methods[0].insertion };
  const mixed = { ...file, methods: [{ ...method, insertion, better_than_random: false }] };
  const text = textOf(input(undefined, { faithfulness: mixed }));
  match(text, /The rollout is better than random in removing alone at saying on which patches/);
  doesNotMatch(text, /no better than random|random choice of patches would/);
});

Deno.test("of shuffled weights nothing is concluded where the interval holds all answers", () => {
  const sanity = (low: number, high: number, images = 10) =>
    textOf(input(undefined, {
      sanity: {
        images,
        shuffled: ["head", "block 1"],
        methods: [{
          method: "rollout",
          correlation: [[0.9, 1], [low, high]].map(([a, b]) => ({
            mean: (a + b) / 2,
            interval: [a, b] as [number, number],
          })),
        }],
      },
    }));
  match(sanity(-0.05, 0.75), /how much of it is left can't be told from so few images/);
  match(sanity(-0.05, 0.1), /nothing of it is left/);
  // Of nine images the interval is too narrow to be told.
  const few = sanity(-0.05, 0.1, 9);
  match(
    few,
    /rank correlation of 0\.03 with the trained model's: too few images \(9\) for a verdict/,
  );
  doesNotMatch(few, /95% interval -?0\.|nothing of it is left/);
});

Deno.test("a model of one block is not said to have another that reads it", () => {
  const high = { median: 1, threshold: 2, tokens: 3, images: 2 };
  const { attention } = input();
  const one = {
    ...attention,
    blocks: 1,
    distance: [[5, 7]],
    entropy: [[1, 1]],
    high_norm: { rule: "", blocks: [high], attention: null },
  };
  const text = textOf(input(undefined, { attention: one }));
  match(text, /After the block 3 patch tokens/);
  doesNotMatch(text, /which the last block reads/);
});

Deno.test("right and wrong predictions differ where the interval says so, and else not", () => {
  const apart = discuss(input(undefined, { images: outcomes(5) }));
  const texts = apart.parts.find(({ title }) => title.startsWith("Right and wrong"))!.findings;
  // Right: 6 and 8 in turn, mean 7; wrong: 7 and 9 in turn and five more, mean 13.
  match(
    texts[0].text,
    /Where the model is wrong, .* spread over 13\.0 patches, where it is right 7\.0 patches/,
  );
  equal(texts[0].value, 6);
  match(texts[1].text, /chance explains the differences in how concentrated the rollout is/);
  const alike = textOf(input(undefined, { images: outcomes(-1) }));
  doesNotMatch(alike, /Where the model is wrong/);
  match(
    alike,
    /chance explains the differences in the spread of the class token's attention \(7\.0 patches right, 7\.0 patches wrong\)/,
  );
  match(
    textOf(input(undefined, { images: outcomes(5).slice(0, 6) })),
    /too few of one sort to compare/,
  );
});

Deno.test("what fine-tuning changed is told by block, by weight and by likeness", () => {
  const before = Array.from(
    { length: 10 },
    (_, i) => observed([[5, 7], [14 + 0.1 * i, 22]], [[1, 1], [2, 2]]),
  );
  const text = textOf(input(undefined, {
    before,
    movement: {
      weights: [
        { part: "embeddings", role: null, distance: 0, relative: 0 },
        { part: "block 0", role: null, distance: 0, relative: 0 },
        { part: "block 1", role: null, distance: 3, relative: 0.125 },
        { part: "norm", role: null, distance: 1, relative: 0.01 },
      ],
      images: 10,
      after: ["embeddings", "block 0", "block 1"],
      class_token: [[null, null, null], [null, 1, 0.5], [null, 0.5, 0.6251]],
      patches: [[1, 0, 0], [0, 1, 0], [0, 0, 0.75]],
    },
  }));
  // 14.45 and 22 before, 12 and 20 after: 18.2 and 16.
  match(
    text,
    /changed most in block 1: from 18\.2 pixels to 16\.0 pixels, nearer\. In 1 of 2 blocks/,
  );
  match(
    text,
    /moved most in block 1, by 12\.5% of their norm, least in the norm, by 1\.0%; 2 of 4 parts/,
  );
  match(
    text,
    /of the class token 0\.63 and of the mean of the patches 0\.75; in 1 of the 2 places/,
  );
});

Deno.test("tokens of high norm are told where there are any", () => {
  const blocks = (tokens: number) => [
    { median: 10, threshold: 20, tokens, images: 2 },
    { median: 10, threshold: 20, tokens: 5, images: 1 },
  ];
  const withTokens = (tokens: number) => ({
    attention: {
      ...input().attention,
      high_norm: {
        rule: "twice the median",
        blocks: blocks(tokens),
        attention: { high: 0.12, other: 0.04 },
      },
    },
  });
  const some = textOf(input(undefined, withTokens(8)));
  match(
    some,
    /After block 0, .* 8 patch tokens \(5\.0%\) in 2 images are of high norm \(above 20\.0\); the class token gives such a patch 3\.0 times/,
  );
  match(
    textOf(input(undefined, withTokens(0))),
    /no patch's token is of high norm .*; of all blocks, block 1 gives most: 5 tokens/,
  );
});

Deno.test("two runs with different data have no sentence of findings in common", () => {
  const one = discuss(input(undefined, { images: outcomes(5) }));
  const other = discuss(input([[20, 21], [6, 5]], {
    images: outcomes(7).map((one) => ({ ...one, concentration: 0.5, center: 0.125 })),
    drawn: [drawnAt(5)],
    faithfulness: faithfulness(0.1, 0.02),
  }));
  const texts = ({ parts }: typeof one) =>
    parts.flatMap(({ findings }) => findings.map((f) => f.text));
  const entropy = /entropy of attention/; // the same in both inputs
  deepEqual(texts(one).filter((text) => texts(other).includes(text) && !entropy.test(text)), []);
  for (const text of [...texts(one), ...texts(other)]) ok(/\d/.test(text), text);
});

Deno.test("an image's numbers are those of its maps", () => {
  const one = {
    probabilities: Float32Array.of(0.25, 0.75),
    distance: [],
    entropy: [],
    // One head on two patches alike, one on a single patch: spread over 2 and over 1.
    lastBlock: Float32Array.of(0.25, 0.25, 0, 0, 0, 0, 0.3, 0),
    rollout: Float32Array.of(0.1, 0.2, 0.3, 0.4),
  };
  const { spread, concentration, center, ...rest } = measure(one, 3, 1, 2, [2, 2]);
  deepEqual(rest, { index: 3, correct: true, probability: 0.75 });
  ok(Math.abs(spread - 1.5) < 1e-6);
  ok(Math.abs(concentration - 0.4) < 1e-6); // a tenth of four patches is one
  ok(Math.abs(center - 1) < 1e-6); // two patches a side: nothing is cut off
});
