import { z } from "zod";

const share = z.number().min(0).max(1);
const byHead = z.array(z.array(z.number()));
const patch = z.int().nonnegative().describe("Counted row by row");

/** `attention.json`: which images, and what attention does on average. */
export const attentionFile = z.strictObject({
  classes: z.array(z.string()),
  images: z.array(z.strictObject({
    index: z.int().nonnegative().describe("Row of the test images"),
    label: z.int().nonnegative(),
    predicted: z.int().nonnegative(),
    probability: share.describe("Of the predicted class"),
    other: z.int().nonnegative().optional()
      .describe("The second most probable class, whose relevance stands beside"),
    other_probability: share.optional(),
    high_norm: z.array(patch).optional()
      .describe("Patches whose token is of high norm where the last block reads it"),
  })),
  image_size: z.tuple([z.int(), z.int()]),
  patch_size: z.tuple([z.int(), z.int()]),
  grid: z.tuple([z.int(), z.int()]).describe("Patches down and across"),
  tokens: z.int().positive().describe("Of an image: the patches and what stands before them"),
  blocks: z.int().positive(),
  heads: z.int().positive(),
  measured: z.int().positive().describe("Test images that distance and entropy are the mean of"),
  distance: byHead.describe("Mean attention distance by block and head, pixels"),
  entropy: byHead.describe("Mean entropy of attention by block and head, nats"),
  before: z.strictObject({ distance: byHead, entropy: byHead }).optional()
    .describe("The same on the same images before fine-tuning"),
  rollout: z.strictObject({ discard: share }).optional()
    .describe("Share of the patches left out of each row before the rollout"),
  raw_images: z.int().nonnegative().optional()
    .describe("Drawn images whose attention of all blocks is in attention.safetensors"),
  high_norm: z.strictObject({
    rule: z.string().describe("Above which norm a patch's token counts, in words"),
    blocks: z.array(z.strictObject({
      median: z.number().describe("Norm of the patches' tokens after the block"),
      threshold: z.number(),
      tokens: z.int().nonnegative().describe("Patches above it, over all measured images"),
      images: z.int().nonnegative().describe("Measured images that have one"),
    })),
    attention: z.strictObject({
      high: z.number().describe("Mean weight that the last block's class token gives one of them"),
      other: z.number().describe("Mean weight that it gives another patch of the same images"),
    }).nullable().describe("null where the last block reads none"),
  }).optional().describe("Tokens of high norm (Darcet et al. 2024), over the measured images"),
});
export type AttentionFile = z.infer<typeof attentionFile>;

/**
 * For the k images of attention.json (P patches, row by row; T tokens): `images` U8 [k, H, W, 3];
 * `last_block` F32 [k, heads, P], attention of the class token to the patches in the last block;
 * `rollout` F32 [k, P], the class token's row of the rollout (Abnar and Zuidema 2020); `relevance`
 * and, where there is another class, `relevance_other` F32 [k, P], gradient-weighted rollout for the
 * predicted and the second most probable class (Chefer et al. 2021); `attention` F16 [raw_images,
 * blocks, heads, T, T], the weights as they are.
 */
export const ATTENTION = "attention.safetensors";

/** The maps that are put to the test, and the orders that they are measured against. */
export const METHODS = ["last-block", "rollout", "relevance", "random", "center"] as const;
export type Method = typeof METHODS[number];

/** With fewer images an interval by resampling is too narrow to rest a verdict on. */
export const FEWEST = 10;

const interval = z.tuple([z.number(), z.number()]).describe(
  `95%, by bootstrap over the images; too narrow below ${FEWEST} of them`,
);
const measure = z.strictObject({
  curve: z.array(share).describe("Mean probability of the predicted class at each fraction"),
  area: z.number().describe("Mean over the images of the area under the curve"),
  interval,
  gain: z.strictObject({ mean: z.number(), interval }).nullable().describe(
    "By how much the area is better than in random order, image by image: smaller on deletion, larger on insertion",
  ),
  better_than_random: z.boolean().nullable()
    .describe(
      `Whether the gain's interval is above 0; null below ${FEWEST} images, and for itself`,
    ),
  better_than_center: z.boolean().nullable().describe(
    "The same against order of nearness to the centre",
  ),
});

/** `faithfulness.json`: what the model makes of images whose patches go, or come, in a map's order. */
export const faithfulnessFile = z.strictObject({
  images: z.int().positive(),
  removed: z.enum(["mean", "blur"]),
  fractions: z.array(share).describe("Of the patches that are removed (or added)"),
  methods: z.array(z.strictObject({
    method: z.enum(METHODS),
    deletion: measure.describe("Most important patches removed first: a smaller area is better"),
    insertion: measure.describe("Most important patches added first: a larger area is better"),
    better_than_random: z.boolean().nullable()
      .describe("On deletion and on insertion; null for the random order itself"),
  })),
});
export type FaithfulnessFile = z.infer<typeof faithfulnessFile>;

/** `sanity.json`: whether maps depend on the weights (Adebayo et al. 2018). */
export const sanityFile = z.strictObject({
  images: z.int().positive(),
  shuffled: z.array(z.string()).describe("What is shuffled, cumulatively: head, block 7, …"),
  methods: z.array(z.strictObject({
    method: z.enum(METHODS),
    correlation: z.array(z.strictObject({ mean: z.number(), interval })).describe(
      "Rank correlation (Spearman) with the trained model's map, one for each of shuffled",
    ),
  })),
});
export type SanityFile = z.infer<typeof sanityFile>;

/** `discussion.json`: what the attention of this run shows, found by rules, and what it rests on. */
export const discussionFile = z.strictObject({
  parts: z.array(z.strictObject({
    title: z.string(),
    findings: z.array(z.strictObject({
      text: z.string(),
      rule: z.string().describe("As docs/findings.md names it"),
      value: z.number().optional(),
      interval: z.tuple([z.number(), z.number()]).optional().describe("95%"),
      of: z.int().optional().describe("Images that it rests on"),
      figure: z.string().optional(),
      source: z.string().optional().describe("File of the artifact and a JSON pointer"),
    })),
  })),
  images: z.array(z.strictObject({
    index: z.int().nonnegative().describe("Row of the test images"),
    correct: z.boolean(),
    probability: share.describe("Of the predicted class"),
    spread: z.number().describe(
      "Patches that the class token's attention is spread over in the last block: e to the power of its entropy, mean over heads",
    ),
    concentration: share.describe("Of the rollout: what its strongest tenth of the patches has"),
    center: share.describe("Of the rollout: what the middle has, without a quarter on each side"),
  })).describe("The measured images, in the order in which they were chosen"),
});
export type DiscussionFile = z.infer<typeof discussionFile>;
