import { learningCurves } from "../../../figures/learning_curves.ts";
import { probeAccuracy } from "../../../figures/probe_accuracy.ts";
import { trainingSteps } from "../../../figures/training_steps.ts";

/** What train and linear-probe draw. */
export const TRAINING = [
  learningCurves([
    {
      epoch: 0,
      train_loss: 1.23456789,
      train_accuracy: 0.5,
      validation_loss: 1.5,
      validation_accuracy: 0.4,
    },
    {
      epoch: 1,
      train_loss: 0.75,
      train_accuracy: 2 / 3,
      validation_loss: 1.25,
      validation_accuracy: 0.5,
    },
  ]),
  trainingSteps(
    [2.3, 2, 1.6, 1.1, 1.2, 0.8].map((loss, step) => ({
      step,
      loss,
      learning_rate: step === 0 ? 0 : 0.001 * (6 - step) / 5,
      grad_norm: 1 + step % 3,
    })),
    { epochs: 3, kept: 1 },
  ),
  probeAccuracy({
    images: { train: 1800, validation: 200 },
    l2: 0.001,
    train_accuracy: 0.8,
    validation_accuracy: 0.61,
  }),
];
