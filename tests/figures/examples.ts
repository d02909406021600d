import { attentionOver } from "../../figures/attention.ts";
import { attentionArrows } from "../../figures/attention_arrows.ts";
import { attentionMatrices } from "../../figures/attention_matrices.ts";
import { calibration } from "../../figures/calibration.ts";
import { confusionMatrix } from "../../figures/confusion.ts";
import { learningCurves } from "../../figures/learning_curves.ts";

/** Small figures of every sort: lines with points, heat with a gradient, bars, pictures. */
export const EXAMPLES = [
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
  confusionMatrix(["cat", "dog"], [[2, 1], [0, 3]]),
  calibration([
    { from: 0, to: 0.5, images: 0, confidence: null, accuracy: null },
    { from: 0.5, to: 1, images: 6, confidence: 0.8123456, accuracy: 5 / 6 },
  ], 0.021),
  attentionOver({
    image: {
      width: 2,
      height: 2,
      data: Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255),
    },
    label: "cat",
    predicted: "dog",
    probability: 0.75,
    grid: [2, 2],
    heads: [[0.1, 0.2, 0.3, 0.4], [0.25, 0.25, 0.25, 0.25]],
    rollout: [0.4, 0.1, 0.2, 0.1],
    relevance: [0, 3, 1, 0],
    other: { name: "cat", probability: 0.25, relevance: [0, 0, 0, 0] },
    highNorm: [3],
  }, 1),
  attentionArrows([[0.75, 0.25], [0.9999, 0.0001]])!,
  attentionMatrices([
    { title: "queries", rows: [[1, -2.5], [0, 4]], row: "patch", column: "number" },
    { title: "weights", rows: [[0.75, 0.25], [0.9999, 0.0001]], row: "patch", column: "patch" },
  ], { scaled: false, patches: 2 }),
];
