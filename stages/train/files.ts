import { z } from "zod";

const share = z.number().min(0).max(1);
const loss = z.number().describe("Mean cross-entropy, nats");

/** `history.json`: every step and every epoch, both counted from 0. */
export const historyFile = z.strictObject({
  steps: z.array(z.strictObject({
    step: z.int().nonnegative(),
    learning_rate: z.number(),
    loss: z.number().describe("The objective (smoothed, where label_smoothing is on), nats"),
    grad_norm: z.number().describe("Before clipping; 0 in a step of float16 that changed nothing"),
  })),
  epochs: z.array(z.strictObject({
    epoch: z.int().nonnegative(),
    train_loss: loss,
    train_accuracy: share,
    validation_loss: loss.nullable(),
    validation_accuracy: share.nullable(),
  })),
  published_epoch: z.int().nonnegative().optional().describe(
    "Epoch whose model is published, where keep is best; otherwise it is the last one",
  ),
  images: z.strictObject({
    train: z.int().nonnegative(),
    validation: z.int().nonnegative(),
    step: z.int().positive().describe("Of a step; the last of an epoch may have fewer"),
  }).optional().describe("How many images the shares and steps are of"),
});
export type HistoryFile = z.infer<typeof historyFile>;

/** The folder of the fine-tuned model, a Hugging Face checkpoint. */
export const MODEL = "model";
