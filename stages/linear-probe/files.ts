import { z } from "zod";

const share = z.number().min(0).max(1);
const loss = z.number().describe("Mean cross-entropy without the penalty, nats");

/** `probe.json`: how the classifier was fitted, and how well it does. */
export const probeFile = z.strictObject({
  images: z.strictObject({
    train: z.int().nonnegative(),
    validation: z.int().nonnegative(),
  }),
  features: z.int().positive().describe("Numbers that the classifier reads of an image"),
  l2: z.number(),
  iterations: z.int().nonnegative().describe("Steps of L-BFGS"),
  converged: z.boolean(),
  largest_gradient: z.number().describe("Largest component of the gradient at the end"),
  objective: z.number().describe("Mean cross-entropy on the training images, with the penalty"),
  train_loss: loss,
  train_accuracy: share,
  validation_loss: loss.nullable(),
  validation_accuracy: share.nullable(),
});
export type ProbeFile = z.infer<typeof probeFile>;
