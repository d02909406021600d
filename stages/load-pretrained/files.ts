import { z } from "zod";

/** `parameters.json`: every part of the model with its size. */
export const parametersFile = z.strictObject({
  family: z.string().describe("model_type of config.json"),
  total: z.int().nonnegative().describe("Parameters of the whole model"),
  parts: z.array(z.strictObject({
    name: z.string().describe('"embeddings", "block 0" and so on from below, "norm", "head"'),
    parameters: z.int().nonnegative(),
    tensors: z.int().nonnegative(),
  })),
  architecture: z.strictObject({
    image_size: z.tuple([z.int(), z.int()]),
    patch_size: z.tuple([z.int(), z.int()]),
    tokens: z.int().describe("Of an image: the patches and what stands before them"),
    hidden_size: z.int(),
    blocks: z.int(),
    heads: z.int(),
    intermediate_size: z.int(),
    hidden_act: z.string(),
    layer_norm_eps: z.number(),
  }),
  head: z.strictObject({
    source: z.enum(["kept", "new"]),
    classes: z.int().positive(),
  }),
  initial: z.literal("random").optional().describe(
    "Where new-model has drawn every tensor at random; absent where the model is pretrained",
  ),
});
export type ParametersFile = z.infer<typeof parametersFile>;

/** The folder of the model: config.json, model.safetensors, preprocessor_config.json. */
export const MODEL = "model";
/**
 * What the embeddings have learned, for the figures: `position_similarity` F32 [P, P] (cosine between
 * the position embeddings of patches, P = grid height x grid width), `patch_components` F32
 * [k, h, w, 3] (leading principal components of the patch projection's filters) and
 * `explained_variance` F32 [k] (share of each).
 */
export const EMBEDDINGS = "embeddings.safetensors";
