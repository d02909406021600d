import { z } from "zod";

const pixels = z.int().min(1).max(65_536);
const size = z.union([pixels, z.tuple([pixels, pixels])]);
const numbers = z.array(z.number()).min(1).max(4096);
const matrix = z.array(numbers).min(1).max(1024);

export const params = z.strictObject({
  patches: z.strictObject({
    image: size.default([224, 224]).describe("Side in pixels, or [height, width]"),
    patch: size.default([16, 16]).describe("The same of a patch; it must divide the image"),
    channels: z.int().min(1).max(4096).default(3).describe("Numbers a pixel"),
  }).prefault({}).describe("The image that is cut into patches"),
  attention: z.strictObject({
    patches: matrix.default([[1, 2], [2, 0], [0, 1], [1, 1]]).describe("A vector a patch"),
    query: matrix.default([[1, 0], [0, 1]]).describe(
      "W_Q, row by row: as many columns as a patch has numbers",
    ),
    key: matrix.default([[1, 0], [0, 0]]).describe("W_K: columns and rows as many as W_Q has"),
    value: matrix.default([[0, 0], [0, 1]]).describe("W_V: columns as many as W_Q has"),
    scale: z.boolean().default(false).describe(
      "Divide the scores by the square root of the number of rows of W_K",
    ),
  }).prefault({}).describe("Attention that is worked out: q = W_Q p, k = W_K p, v = W_V p"),
  comparison: z.strictObject({
    n: z.int().min(1).max(1_000_000).optional().describe(
      "Positions (tokens); default: the patches of the image",
    ),
    d: z.int().min(1).max(65_536).default(192).describe("Width: numbers a position"),
    k: z.int().min(3).max(1023).refine((k) => k % 2 === 1, {
      error: "it must be odd: a kernel has a middle",
    }).default(3).describe("Positions that a convolution sees at once, odd"),
    heads: z.int().min(1).max(1024).optional().describe(
      "Heads of the attention layer; they divide d; default: 3, or fewer where d takes no 3",
    ),
    layers: z.int().min(1).max(1024).default(12).describe("Layers, one upon the other"),
  }).prefault({}).describe("The setting that CNN, RNN and Transformer are compared at"),
});
export type WorkedExampleParams = z.infer<typeof params>;
