import type { TensorToWrite } from "../../../base/safetensors.ts";
import type { Artifact } from "../../../stages/stage.ts";
import { makeArtifact } from "../artifact.ts";
import { images, type Shape } from "./shape.ts";

/** Logits of three images a class; the third is taken for the next class. */
function predictions(classes: number): Record<string, TensorToWrite> {
  const labels = Int32Array.from({ length: 3 * classes }, (_, i) => Math.floor(i / 3));
  const logits = new Float32Array(labels.length * classes);
  labels.forEach((label, i) => {
    logits[i * classes + (i % 3 === 2 ? (label + 1) % classes : label)] = 1;
  });
  return {
    logits: { dtype: "F32", shape: [labels.length, classes], data: logits },
    labels: { dtype: "I32", shape: [labels.length], data: labels },
  };
}

/** Of each class 3 images: 2 are right, 1 is taken for the next class. */
export function madeUpTest({ classes, side, mistakes }: Shape): Promise<Artifact> {
  const n = classes.length;
  return makeArtifact(
    "evaluate",
    {
      "metrics.json": {
        images: 3 * n,
        loss: 0.9,
        accuracy: 2 / 3,
        top5_accuracy: n > 5 ? 1 : null,
        per_class: classes.map((name) => ({ class: name, images: 3, correct: 2, accuracy: 2 / 3 })),
        confusion: classes.map((_, i) =>
          classes.map((_, j) => i === j ? 2 : j === (i + 1) % n ? 1 : 0)
        ),
        calibration: {
          expected_calibration_error: 0.05,
          bins: [
            { from: 0, to: 0.5, images: 0, confidence: null, accuracy: null },
            { from: 0.5, to: 1, images: 3 * n, confidence: 0.71, accuracy: 2 / 3 },
          ],
        },
        mistakes: Array.from({ length: mistakes }, (_, i) => ({
          index: i,
          label: i % n,
          predicted: (i + 1) % n,
          confidence: 0.9 - i / 100,
        })),
      },
    },
    {
      "predictions.safetensors": predictions(n),
      ...(mistakes === 0 ? {} : {
        "mistakes.safetensors": {
          images: { dtype: "U8", shape: [mistakes, side, side, 3], data: images(mistakes, side) },
        },
      }),
    },
  );
}
