import { z } from "zod";
import { parametersFile } from "../load-pretrained/files.ts";

const { shape } = parametersFile;

/** `parameters.json` of a cnn or an rnn: every part with its size. */
export const baselineParametersFile = z.strictObject({
  family: z.enum(["cnn", "rnn"]).describe("model_type of config.json"),
  total: shape.total,
  parts: z.array(z.strictObject({
    name: z.string().describe('"stage 0" (cnn) or "layer 0" (rnn) and so on from below, "head"'),
    parameters: z.int().nonnegative(),
    tensors: z.int().nonnegative(),
  })),
  architecture: z.union([
    z.strictObject({
      image_size: z.tuple([z.int(), z.int()]),
      channels: z.array(z.int()).describe("Of each stage"),
      convolutions: z.int().describe("Of a stage"),
      kernel_size: z.int(),
    }),
    z.strictObject({
      image_size: z.tuple([z.int(), z.int()]),
      cell: z.enum(["lstm", "gru"]),
      hidden_size: z.int(),
      layers: z.int(),
      steps: z.int().describe("Rows of an image"),
    }),
  ]),
  head: shape.head,
  initial: z.literal("random"),
});

/** `parameters.json`: as load-pretrained's for a ViT, with `initial`; else of the baseline. */
export const newParametersFile = z.union([parametersFile, baselineParametersFile]);
export type NewParametersFile = z.infer<typeof newParametersFile>;
