import { z } from "zod";

const share = z.number().min(0).max(1);

/** `metrics.json`: how good the model is on images that it has never seen. */
export const metricsFile = z.strictObject({
  model: z.strictObject({
    family: z.string().min(1).describe("As its config.json names it: vit, cnn, rnn, …"),
    parameters: z.int().positive().describe("All of its weights, with the head"),
    name: z.string().min(1).optional().describe("What people call it"),
  }).optional().describe("What was scored; absent in files of earlier versions"),
  test_images: z.strictObject({
    digest: z.string().describe("SHA-256 of pixels and labels as preprocess has stored them"),
    resized: z.string().nullable().describe(
      "How they were resized before that; null: not. Where this differs the digests say nothing",
    ),
  }).optional().describe("Which images they were; absent in files of earlier versions"),
  images: z.int().nonnegative(),
  loss: z.number().describe("Mean cross-entropy, nats"),
  accuracy: share,
  top5_accuracy: share.nullable().describe("null below six classes"),
  per_class: z.array(z.strictObject({
    class: z.string(),
    images: z.int().nonnegative(),
    correct: z.int().nonnegative(),
    accuracy: share.nullable().describe("null where the class has no image"),
  })),
  confusion: z.array(z.array(z.int().nonnegative())).describe(
    "Rows: true class; columns: predicted",
  ),
  calibration: z.strictObject({
    expected_calibration_error: share,
    bins: z.array(z.strictObject({
      from: share,
      to: share,
      images: z.int().nonnegative(),
      confidence: share.nullable().describe("Mean probability of the predicted class"),
      accuracy: share.nullable(),
    })),
  }),
  mistakes: z.array(z.strictObject({
    index: z.int().nonnegative().describe("Row of the test images"),
    label: z.int().nonnegative(),
    predicted: z.int().nonnegative(),
    confidence: share,
  })).describe("The most confident mistakes, most confident first"),
});
export type MetricsFile = z.infer<typeof metricsFile>;

const scored = {
  correct: z.int().nonnegative(),
  accuracy: share,
  loss: z.number().describe("Mean cross-entropy, nats"),
};

/** `robustness.json`: the same of changed test images. It is there where `perturb` asks for it. */
export const robustnessFile = z.strictObject({
  images: z.int().nonnegative().describe("Test images"),
  shift: z.array(z.strictObject({
    pixels: z.int().nonnegative().describe("That each image was moved by"),
    ...scored,
  })),
  shuffle_patches: z.array(z.strictObject({
    patch_size: z.int().positive().describe("Side of a patch, pixels"),
    patches: z.int().positive().describe("Of an image"),
    ...scored,
  })),
});
export type RobustnessFile = z.infer<typeof robustnessFile>;

/**
 * `training.json`: how the model that was scored was trained, for those who compare models. It is
 * there where a train stage has published the model.
 */
export const trainingFile = z.strictObject({
  images: z.strictObject({ train: z.int().nonnegative(), validation: z.int().nonnegative() }),
  epochs: z.array(z.strictObject({
    images_seen: z.int().nonnegative().describe("Since the beginning, each as often as it was"),
    train_accuracy: share,
    validation_accuracy: share.nullable(),
  })),
  published_epoch: z.int().nonnegative().describe("Whose model was scored, from 0"),
});
export type TrainingFile = z.infer<typeof trainingFile>;

/** `logits` F32 [N, classes] and `labels` I32 [N], in the order of the test images. */
export const PREDICTIONS = "predictions.safetensors";
/** `images` U8 [k, h, w, 3]: the mistakes of metrics.json, in its order, as they are stored. */
export const MISTAKES = "mistakes.safetensors";
