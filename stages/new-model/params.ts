import { z } from "zod";
import { CELLS } from "../../vit/baselines/config.ts";

const width = z.int().min(1).max(1 << 14);
const side = z.int().min(1).max(1 << 14);

export const ARCHITECTURES = ["vit", "cnn", "rnn"] as const;

export const params = z.strictObject({
  architecture: z.enum(ARCHITECTURES).describe(
    "vit: a Vision Transformer; cnn: convolutions; rnn: reads the image row by row",
  ),
  parameters: z.int().min(1).max(1_000_000_000).optional().describe(
    "Make it as wide as so many parameters allow; default: 200,000 where no width is written",
  ),
  patch_size: z.union([side, z.tuple([side, side])]).optional().describe(
    "vit: side of a patch, pixels; default: an eighth of the image's sides",
  ),
  blocks: z.int().min(1).max(64).optional().describe("vit: transformer blocks; default: 6"),
  heads: z.int().min(1).max(64).optional().describe("vit: attention heads of a block; default: 4"),
  hidden_size: width.optional().describe("vit: width of a token; rnn: width of the state"),
  intermediate_size: width.optional().describe(
    "vit: width inside the MLP; default: four times hidden_size",
  ),
  channels: z.array(width).min(1).max(8).optional().describe(
    "cnn: channels of each stage, each at half the resolution of the one before",
  ),
  convolutions: z.int().min(1).max(16).optional().describe(
    "cnn: convolutions of a stage; default: 2",
  ),
  kernel_size: z.int().min(1).max(31).optional().describe(
    "cnn: side of a filter, pixels, odd; default: 3",
  ),
  cell: z.enum(CELLS).optional().describe("rnn: its cell; default: lstm"),
  layers: z.int().min(1).max(16).optional().describe("rnn: layers above each other; default: 1"),
});
export type NewModelParams = z.infer<typeof params>;
export type Architecture = NewModelParams["architecture"];

/** The sizes that an architecture has, and what those are by default that do not follow from others. */
export const SIZES: Readonly<
  Record<Architecture, Readonly<Partial<Record<keyof NewModelParams, number | string | null>>>>
> = {
  vit: { patch_size: null, blocks: 6, heads: 4, hidden_size: null, intermediate_size: null },
  cnn: { channels: null, convolutions: 2, kernel_size: 3 },
  rnn: { cell: "lstm", layers: 1, hidden_size: null },
};

/** The size that says how wide a network is, in whose place `parameters` can stand. */
export const WIDTH = { vit: "hidden_size", cnn: "channels", rnn: "hidden_size" } as const;

/** Parameters of a network whose width nobody has written. */
export const PARAMETERS = 200_000;

/** Channels of a CNN's stages, each with twice as many as the one below, where `parameters` says them. */
export const DOUBLINGS = [1, 2, 4] as const;

/** What an architecture is called in a sentence. */
export const NAMES = { vit: "a ViT", cnn: "a CNN", rnn: "an RNN" } as const;
