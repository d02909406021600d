import type { CardFacts, TrainingFacts } from "../../stages/train/card.ts";
import { params } from "../../stages/train/mod.ts";

const CHANNELS = {
  mean: [0, 0, 0],
  std: [1, 1, 1],
  minimum: [0, 0, 0],
  maximum: [1, 1, 1],
  histogram: { from: 0, to: 1, counts: [[1], [1], [1]] },
};

/** Three classes, unevenly: 10, 2 and 8 images to train on; 4, 1 and 3 to validate. */
export const FACTS: CardFacts = {
  config: {
    family: "vit",
    hiddenSize: 192,
    blocks: 8,
    heads: 3,
    imageSize: [64, 64],
    patchSize: [8, 8],
    labels: ["cat", "dog", "frog"],
  },
  parameters: 1000,
  head: "new",
  dataset: {
    name: "imagefolder",
    classes: ["cat", "dog", "frog"],
    sizes: { train: 20, validation: 8, test: 3 },
    splits: { train: [10, 2, 8], validation: [4, 1, 3], test: [1, 1, 1] },
    stored: { height: 64, width: 64 },
    transform: {
      image_size: [64, 64],
      resample: "bicubic",
      resize: { height: 64, width: 64 },
      crop: false,
      applied: true,
      rescale_factor: 1 / 255,
      mean: [0.5, 0.25, 0.5],
      std: [0.5, 0.5, 0.5],
    },
    statistics: { before: CHANNELS, after: CHANNELS },
  },
};

const step = (n: number) => ({ step: n, learning_rate: 0.001, loss: 1, grad_norm: 1 });
/** Two epochs of three steps. */
export const TRAINING: TrainingFacts = {
  params: params.parse({
    epochs: 2,
    batch_size: 8,
    optimizer: { learning_rate: 0.001 },
    schedule: { warmup_ratio: 0.25 },
  }),
  seed: 7,
  history: {
    steps: [0, 1, 2, 3, 4, 5].map(step),
    epochs: [
      {
        epoch: 0,
        train_loss: 1.05,
        train_accuracy: 0.5,
        validation_loss: 1.1,
        validation_accuracy: 0.5,
      },
      {
        epoch: 1,
        train_loss: 0.41237,
        train_accuracy: 0.95,
        validation_loss: 0.71,
        validation_accuracy: 0.625,
      },
    ],
  },
};
