import { z } from "zod";
import { lazily } from "../../base/lazy.ts";
import { defineStage } from "../stage.ts";

const learningRate = z.number().positive().default(5e-4).describe("Peak learning rate");
const weightDecay = z.number().min(0).default(0.01);
const beta = z.number().min(0).lt(1);

const optimizer = z.discriminatedUnion("name", [
  z.strictObject({
    name: z.literal("adamw").default("adamw"),
    learning_rate: learningRate,
    weight_decay: weightDecay.describe(
      "Decoupled, on tensors of two or more dimensions (not on biases and norms)",
    ),
    betas: z.tuple([beta, beta]).default([0.9, 0.999]).describe("Decay of the two moments"),
    epsilon: z.number().positive().default(1e-8).describe("Added to the divisor"),
  }),
  z.strictObject({
    name: z.literal("sgd"),
    learning_rate: learningRate,
    momentum: z.number().min(0).lt(1).default(0.9),
    weight_decay: weightDecay.describe(
      "Added to the gradient, on tensors of two or more dimensions",
    ),
  }),
]);

export const params = z.strictObject({
  epochs: z.int().min(0).max(100_000).default(10).describe("Passes over the training images"),
  batch_size: z.int().min(1).max(65_536).default(128).describe(
    "Images in a step; the last may have fewer",
  ),
  shuffle: z.boolean().default(true).describe("A new order each epoch, from the seed"),
  // A map without a name is AdamW's, so that a rate alone can be given.
  optimizer: z.preprocess(
    (value) =>
      typeof value === "object" && value !== null && !Array.isArray(value) && !("name" in value)
        ? { name: "adamw", ...value }
        : value,
    optimizer,
  ).prefault({}).describe("adamw or sgd, with its settings"),
  schedule: z.strictObject({
    name: z.enum(["linear", "cosine", "constant"]).default("linear")
      .describe("How the rate falls to 0 after the warm-up"),
    warmup_ratio: z.number().min(0).max(1).default(0.1)
      .describe("Share of all steps in which the rate rises from 0"),
  }).prefault({}),
  clip_norm: z.number().positive().nullable().default(1)
    .describe("Largest norm of all gradients together; null: off"),
  label_smoothing: z.number().min(0).lt(1).default(0).describe("Share given to all classes alike"),
});
export type TrainParams = z.infer<typeof params>;

/** Fine-tunes what is not frozen. */
export const train = defineStage({
  kind: "train",
  summary: "Fine-tunes what is not frozen and measures both accuracies after each epoch",
  params,
  inputs: {
    data: "preprocess",
    model: "load-pretrained",
    frozen: { from: ["freeze"], optional: true },
  },
  usesSeed: (p: TrainParams) => p.shuffle,
  run: lazily<typeof import("./run.ts")>("./run.ts", import.meta.url),
  draw: lazily<typeof import("./draw.ts")>("./draw.ts", import.meta.url),
});
