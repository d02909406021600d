import type { Artifact } from "../../../stages/stage.ts";
import { makeArtifact } from "../artifact.ts";
import type { Shape } from "./shape.ts";

export function madeUpTraining({ epochs, steps, validation }: Shape): Promise<Artifact> {
  return makeArtifact("train", {
    "history.json": {
      steps: Array.from({ length: steps }, (_, step) => ({
        step,
        learning_rate: 1e-3 * (1 - step / steps),
        loss: 2 / (1 + step),
        grad_norm: 1 + step % 3,
      })),
      epochs: Array.from({ length: epochs }, (_, epoch) => ({
        epoch,
        train_loss: 1 / (1 + epoch),
        train_accuracy: 1 - 0.5 / (1 + epoch),
        validation_loss: validation ? 1.2 / (1 + epoch) : null,
        validation_accuracy: validation ? 1 - 0.6 / (1 + epoch) : null,
      })),
    },
  });
}

export function madeUpProbe({ classes, validation }: Shape): Promise<Artifact> {
  return makeArtifact("linear-probe", {
    "probe.json": {
      images: { train: 6 * classes.length, validation: validation ? 2 * classes.length : 0 },
      features: 32,
      l2: 0.001,
      iterations: 17,
      converged: true,
      largest_gradient: 9e-6,
      objective: 0.75,
      train_loss: 0.5,
      train_accuracy: 5 / 6,
      validation_loss: validation ? 0.75 : null,
      validation_accuracy: validation ? 0.5 : null,
    },
  });
}
