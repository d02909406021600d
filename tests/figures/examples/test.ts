import { calibration } from "../../../figures/calibration.ts";
import { accuracyByClass } from "../../../figures/class_accuracy.ts";
import { confusedPairs } from "../../../figures/confused_pairs.ts";
import { confusionMatrix } from "../../../figures/confusion.ts";
import { confidentMistakes } from "../../../figures/mistakes.ts";
import { squares } from "./pictures.ts";

/** What evaluate draws. */
export const TEST = [
  confusionMatrix(["cat", "dog"], [[2, 1], [0, 3]]),
  confusedPairs([
    { classes: ["dog", "cat"], images: [9, 8], expected: 6.5, beyond: true },
    { classes: ["frog", "cat"], images: [2, 0], expected: 2.5, beyond: false },
  ]),
  accuracyByClass([
    { class: "cat", images: 50, correct: 26 },
    { class: "dog", images: 50, correct: 43 },
    { class: "frog", images: 4, correct: 3 },
  ], 72 / 104),
  calibration([
    { from: 0, to: 0.5, images: 0, confidence: null, accuracy: null },
    { from: 0.5, to: 0.75, images: 40, confidence: 0.6123456, accuracy: 0.7 },
    { from: 0.75, to: 1, images: 60, confidence: 0.9, accuracy: 5 / 6 },
  ], 0.075),
  confidentMistakes([
    { image: squares(6, 4), label: "cat", predicted: "dog", confidence: 0.917 },
    { image: squares(6, 4), label: "frog", predicted: "cat", confidence: 0.5 },
  ]),
];
