import { ATTENTION } from "./examples/attention.ts";
import { COMPARISONS } from "./examples/comparisons.ts";
import { DATA } from "./examples/data.ts";
import { MODEL } from "./examples/model.ts";
import { TEST } from "./examples/test.ts";
import { THEORY } from "./examples/theory.ts";
import { TRAINING } from "./examples/training.ts";
import { attentionOver } from "../../figures/attention.ts";
import { attentionArrows } from "../../figures/attention_arrows.ts";
import { attentionMatrices } from "../../figures/attention_matrices.ts";
import { calibration } from "../../figures/calibration.ts";
import { confusionMatrix } from "../../figures/confusion.ts";
import { learningCurves } from "../../figures/learning_curves.ts";
import { accuracyByShift } from "../../figures/robustness.ts";

/**
 * A small figure of each function that makes one. The specs and pictures that are committed, and the
 * tests of what holds for every figure, are of these: a new figure takes one line in a file of
 * examples/, then `deno run -A tests/figures/write_specs.ts`.
 */
export const EXAMPLES = [
  ...DATA,
  ...MODEL,
  ...TRAINING,
  ...TEST,
  ...ATTENTION,
  ...THEORY,
  ...COMPARISONS,
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
  accuracyByShift([
    { label: "CNN", x: 0, accuracy: 0.61234567, interval: [0.55, 0.67] },
    { label: "CNN", x: 4, accuracy: 0.5, interval: [0.44, 0.56] },
    { label: "RNN", x: 0, accuracy: 0.4, interval: [0.34, 0.46] },
    { label: "RNN", x: 4, accuracy: 0.3, interval: [0.25, 0.36] },
  ], { images: 250, classes: 10 }),
  attentionArrows([[0.75, 0.25], [0.9999, 0.0001]])!,
  attentionMatrices([
    { title: "queries", rows: [[1, -2.5], [0, 4]], row: "patch", column: "number" },
    { title: "weights", rows: [[0.75, 0.25], [0.9999, 0.0001]], row: "patch", column: "patch" },
  ], { scaled: false, patches: 2 }),
];
