import { deepStrictEqual as equal } from "node:assert/strict";
import type { Measured } from "../../../stages/worked-example/measured.ts";
import {
  dataPoints,
  learningPoints,
  robustnessPoints,
  sayRuns,
  trainedOnAll,
} from "../../../stages/worked-example/measured_runs.ts";

/** A model that was trained for two epochs of so many images. */
function measured(kind: string, images: number, accuracy: number): Measured {
  return {
    label: images === 1000 ? kind : `${kind} on ${images} images`,
    kind,
    family: kind.toLowerCase(),
    parameters: 10,
    images: 400,
    accuracy,
    interval: [accuracy - 0.05, accuracy + 0.05],
    loss: 1,
    classes: ["a", "b"],
    training: {
      images,
      epochs: [
        { images_seen: images, train_accuracy: 0.5, validation_accuracy: 0.45 },
        { images_seen: 2 * images, train_accuracy: 0.75, validation_accuracy: 0.625 },
      ],
    },
  };
}

const scored = (correct: number) => ({ correct, accuracy: correct / 400, loss: 1 });
const ROBUST: Measured["robustness"] = {
  images: 400,
  shift: [{ pixels: 0, ...scored(320) }, { pixels: 4, ...scored(300) }, {
    pixels: 8,
    ...scored(240),
  }],
  shuffle_patches: [
    { patch_size: 2, patches: 64, ...scored(200) },
    { patch_size: 8, patches: 4, ...scored(324) },
    { patch_size: 16, patches: 1, ...scored(320) },
  ],
};
const ROWS: Measured[] = [
  { ...measured("CNN", 1000, 0.8), robustness: ROBUST },
  measured("RNN", 1000, 0.7),
  measured("CNN", 100, 0.55),
];

Deno.test("of models that had less data only the figure of data tells", () => {
  equal(trainedOnAll(ROWS).map(({ label }) => label), ["CNN", "RNN"]);
  equal(learningPoints(ROWS).map(({ label, x, accuracy }) => [label, x, accuracy]), [
    ["CNN", 1000, 0.45],
    ["CNN", 2000, 0.625],
    ["RNN", 1000, 0.45],
    ["RNN", 2000, 0.625],
  ]);
  // The RNN was trained on one number of images: that is no line.
  equal(dataPoints(ROWS).map(({ label, x, accuracy }) => [label, x, accuracy]), [
    ["CNN", 100, 0.55],
    ["CNN", 1000, 0.8],
  ]);
  equal(robustnessPoints(ROWS).shifts.map(({ x, accuracy }) => [x, accuracy]), [
    [0, 0.8],
    [4, 0.75],
    [8, 0.6],
  ]);
});

Deno.test("what was measured is told in numbers, and nothing where it was not", () => {
  equal(sayRuns(ROWS), [
    "Moved by 8 pixels: CNN 60.0% (−20.0 points).",
    "Cut into patches of 8 × 8 pixels and shuffled: CNN 81.0% (+1.0 points).",
    "Cut into patches of 2 × 2 pixels and shuffled: CNN 50.0% (−30.0 points).",
    "Trained on 100 images instead of 1,000: CNN 55.0% (−25.0 points).",
  ]);
  const { training: _, ...untold } = measured("CNN", 1000, 0.8);
  equal(sayRuns([untold]), []);
});
