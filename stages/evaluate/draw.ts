import { openSafetensors } from "../../base/safetensors.ts";
import { calibration } from "../../figures/calibration.ts";
import { accuracyByClass } from "../../figures/class_accuracy.ts";
import { confusedPairs } from "../../figures/confused_pairs.ts";
import { confusionMatrix } from "../../figures/confusion.ts";
import { confidentMistakes } from "../../figures/mistakes.ts";
import { accuracyByPatch, accuracyByShift } from "../../figures/robustness.ts";
import { unstack } from "../../figures/picture.ts";
import type { Artifact, FigureSpec } from "../stage.ts";
import { type MetricsFile, metricsFile, MISTAKES, robustnessFile } from "./files.ts";
import { BEYOND_CHANCE, confusedPairsOf, FEWEST_CLASSES } from "./pairs.ts";
import { pointsOf } from "./robustness_points.ts";

/** Confusion matrix and pairs, accuracy by class, calibration, the most confident mistakes. */
export async function draw(artifact: Artifact): Promise<FigureSpec[]> {
  const metrics = await artifact.json("metrics.json", metricsFile);
  if (metrics.images === 0) return [];
  const { accuracy, confusion, per_class } = metrics;
  const classes = per_class.map((row) => row.class);
  return [
    confusionMatrix(classes, confusion),
    ...drawPairs(metrics),
    accuracyByClass(per_class, accuracy),
    calibration(metrics.calibration.bins, metrics.calibration.expected_calibration_error),
    ...(metrics.mistakes.length > 0 ? [await drawMistakes(artifact, metrics)] : []),
    ...await drawRobustness(artifact, classes.length),
  ];
}

async function drawRobustness(artifact: Artifact, classes: number): Promise<FigureSpec[]> {
  if (!artifact.files.includes("robustness.json")) return [];
  const robustness = await artifact.json("robustness.json", robustnessFile);
  const { shifts, patches, counts } = pointsOf(robustness, "the model");
  const source = { images: robustness.images, classes };
  return [
    ...(shifts.length > 0 ? [accuracyByShift(shifts, source)] : []),
    ...(patches.length > 0 ? [accuracyByPatch(patches, counts, source)] : []),
  ];
}

function drawPairs({ per_class, confusion }: MetricsFile): FigureSpec[] {
  if (per_class.length < FEWEST_CLASSES) return [];
  const pairs = confusedPairsOf(confusion).map(({ classes: [a, b], images, expected, p }) => ({
    classes: [per_class[a].class, per_class[b].class] as const,
    images,
    expected,
    beyond: p < BEYOND_CHANCE,
  }));
  return pairs.length === 0 ? [] : [confusedPairs(pairs)];
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
