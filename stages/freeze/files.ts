import { z } from "zod";

/** `trainable.json`: what is frozen, tensor by tensor, and what was computed in advance. */
export const trainableFile = z.strictObject({
  tensors: z.array(z.strictObject({
    name: z.string().describe("As in the checkpoint"),
    shape: z.array(z.int().nonnegative()),
    part: z.string().describe('"embeddings", "block 0" and so on, "norm", "head"'),
    status: z.enum(["frozen", "trainable"]),
  })),
  of: z.strictObject({
    data: z.string().describe("Content digest of the images' artifact"),
    model: z.string().describe("Content digest of the model's artifact"),
  }).describe("What this was made for; train takes nothing else"),
  frozen: z.int().nonnegative().describe("Frozen parameters"),
  trainable: z.int().nonnegative().describe("Trainable parameters"),
  features: z.strictObject({
    dtype: z.enum(["F16", "F32"]),
    precision: z.enum(["float32", "bfloat16"]).optional()
      .describe("Number type of the blocks' matrix products; float32 where it is left out"),
    blocks: z.int().nonnegative().describe("The frozen prefix: embeddings and this many blocks"),
    tokens: z.int().positive().describe("Tokens kept of each image"),
    width: z.int().positive(),
    images: z.int().nonnegative(),
    shard: z.int().positive().describe("Images in a shard (the last may have fewer)"),
    files: z.array(z.string()).describe("Shards in order; each has `features` [n, tokens, width]"),
  }).nullable().describe("Activations of the frozen prefix for every image of the pool"),
  reason: z.string().describe("Why there are features, or why there are none"),
});
export type TrainableFile = z.infer<typeof trainableFile>;
