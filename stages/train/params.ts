import { z } from "zod";

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

/** A smallest and a largest value. */
const range = (value: z.ZodNumber) =>
  z.tuple([value, value]).refine(([low, high]) => low <= high, "the first must not be the larger");
const alpha = z.number().min(0).max(1000).default(0);

const augment = z.strictObject({
  crop: z.strictObject({
    scale: range(z.number().positive().max(1)).default([0.08, 1])
      .describe("Smallest and largest share of the image's area"),
    ratio: range(z.number().positive()).default([3 / 4, 4 / 3])
      .describe("Smallest and largest width by height"),
  }).nullable().default(null)
    .describe(
      "A random part, resized to the whole (RandomResizedCrop); {}: as torchvision; null: off",
    ),
  flip: z.number().min(0).max(1).default(0).describe(
    "Probability that left and right change places; 0: off",
  ),
  jitter: z.strictObject({
    brightness: z.number().min(0).default(0.4).describe("Factors from 1 - x to 1 + x"),
    contrast: z.number().min(0).default(0.4).describe("Factors from 1 - x to 1 + x"),
    saturation: z.number().min(0).default(0.4).describe("Factors from 1 - x to 1 + x"),
    hue: z.number().min(0).max(0.5).default(0).describe("Turns of the colour circle, from -x to x"),
  }).nullable().default(null)
    .describe("Random brightness, contrast, saturation and hue (ColorJitter); null: off"),
  mixup: alpha.describe("Alpha of mixup: each image is the mean of two; 0: off"),
  cutmix: alpha.describe(
    "Alpha of CutMix: a part of each image is another's; with mixup, one of both by chance; 0: off",
  ),
});

export const params = z.strictObject({
  epochs: z.int().min(0).max(100_000).default(10).describe("Passes over the training images"),
  batch_size: z.int().min(1).max(65_536).default(128).describe(
    "Images in a step; the last may have fewer",
  ),
  accumulate: z.int().min(1).max(65_536).default(1).describe(
    "Batches in a step: their gradients are added up, as of one batch so many times as large",
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
  layer_decay: z.number().positive().max(1).default(1).describe(
    "Factor of the rate from block to block, downwards from norm and head, which learn at the full rate",
  ),
  schedule: z.strictObject({
    name: z.enum(["linear", "cosine", "constant"]).default("linear")
      .describe("How the rate falls to 0 after the warm-up"),
    warmup_ratio: z.number().min(0).max(1).default(0.1)
      .describe("Share of all steps in which the rate rises from 0"),
  }).prefault({}),
  clip_norm: z.number().positive().nullable().default(1)
    .describe("Largest norm of all gradients together; null: off"),
  label_smoothing: z.number().min(0).lt(1).default(0).describe("Share given to all classes alike"),
  class_weights: z.union([
    z.literal("balanced"),
    z.record(z.string(), z.number().positive()),
  ]).nullable().default(null).describe(
    "How much a class counts in the loss: balanced (the fewer training images the more), or by class (1 where it is not named); null: all alike",
  ),
  keep: z.enum(["last", "best"]).default("last").describe(
    "Which model is published: after the last epoch, or after that with the best validation accuracy (of equals the lowest loss)",
  ),
  patience: z.int().min(1).nullable().default(null).describe(
    "Stop after so many epochs without a better validation loss; null: never before the last",
  ),
  precision: z.enum(["float32", "bfloat16", "float16"]).default("float32").describe(
    "Number type of the matrix products of what is trained, forward and backward; weights, the optimizer, norms, softmax and loss stay float32, and with float16 the loss is scaled as by torch.amp.GradScaler; engine tensorflow alone",
  ),
  augment: augment.prefault({}).describe(
    "What is done to training images at random, from the seed; steps then compute the frozen part anew, and stored features serve for measuring alone",
  ),
});
export type TrainParams = z.infer<typeof params>;

/** Whether training images are changed at random. */
export function augments({ augment }: Pick<TrainParams, "augment">): boolean {
  const { crop, flip, jitter, mixup, cutmix } = augment;
  return crop !== null || flip > 0 || jitter !== null || mixup > 0 || cutmix > 0;
}

/** Whether anything follows from the seed. */
export function drawsAtRandom(params: TrainParams): boolean {
  return params.shuffle || augments(params);
}
