import { z } from "zod";

const share = z.number().min(0).max(1);

/** `attention.json`: which images, and what attention does on average. */
export const attentionFile = z.strictObject({
  classes: z.array(z.string()),
  images: z.array(z.strictObject({
    index: z.int().nonnegative().describe("Row of the test images"),
    label: z.int().nonnegative(),
    predicted: z.int().nonnegative(),
    probability: share.describe("Of the predicted class"),
  })),
  image_size: z.tuple([z.int(), z.int()]),
  patch_size: z.tuple([z.int(), z.int()]),
  grid: z.tuple([z.int(), z.int()]).describe("Patches down and across"),
  tokens: z.int().positive().describe("Of an image: the patches and what stands before them"),
  blocks: z.int().positive(),
  heads: z.int().positive(),
  measured: z.int().positive().describe("Test images that distance and entropy are the mean of"),
  distance: z.array(z.array(z.number())).describe(
    "Mean attention distance by block and head, pixels",
  ),
  entropy: z.array(z.array(z.number())).describe(
    "Mean entropy of attention by block and head, nats",
  ),
});
export type AttentionFile = z.infer<typeof attentionFile>;

/**
 * For the k images of attention.json (P patches, row by row): `images` U8 [k, H, W, 3]; `last_block`
 * F32 [k, heads, P], attention of the class token to the patches in the last block; `rollout` F32
 * [k, P], the class token's row of the rollout (Abnar and Zuidema 2020).
 */
export const ATTENTION = "attention.safetensors";
