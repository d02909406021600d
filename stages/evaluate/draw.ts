import { openSafetensors } from "../../base/safetensors.ts";
import { calibration } from "../../figures/calibration.ts";
import { accuracyByClass } from "../../figures/class_accuracy.ts";
import { confusedPairs } from "../../figures/confused_pairs.ts";
import { confusionMatrix, MOST_WRITTEN } from "../../figures/confusion.ts";
import { confidentMistakes } from "../../figures/mistakes.ts";
import { unstack } from "../../figures/picture.ts";
import type { Artifact, FigureSpec } from "../stage.ts";
import { type MetricsFile, metricsFile, MISTAKES } from "./files.ts";

/** Confusion matrix, accuracy by class, calibration, the most confident mistakes. */
export async function draw(artifact: Artifact): Promise<FigureSpec[]> {
  const metrics = await artifact.json("metrics.json", metricsFile);
  if (metrics.images === 0) return [];
  const { accuracy, confusion, per_class } = metrics;
  const classes = per_class.map((row) => row.class);
  const pairs = classes.length > MOST_WRITTEN ? confusedPairs(classes, confusion) : undefined;
  return [
    confusionMatrix(classes, confusion),
    ...(pairs ? [pairs] : []),
    accuracyByClass(per_class, accuracy),
    calibration(metrics.calibration.bins, metrics.calibration.expected_calibration_error),
    ...(metrics.mistakes.length > 0 ? [await drawMistakes(artifact, metrics)] : []),
  ];
}

async function drawMistakes(artifact: Artifact, metrics: MetricsFile): Promise<FigureSpec> {
  using file = await openSafetensors(artifact.file(MISTAKES));
  const images = unstack(file.read("images"), file.info("images").shape);
  return confidentMistakes(metrics.mistakes.map(({ label, predicted, confidence }, i) => ({
    image: images[i],
    label: metrics.per_class[label].class,
    predicted: metrics.per_class[predicted].class,
    confidence,
  })));
}
