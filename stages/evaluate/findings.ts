import { openSafetensors } from "../../base/safetensors.ts";
import type { Artifact, Finding } from "../stage.ts";
import { type MetricsFile, metricsFile, PREDICTIONS } from "./files.ts";
import { accuracyFindings } from "./findings/accuracy.ts";
import { type Answer, calibrationFindings } from "./findings/calibration.ts";
import { classFindings } from "./findings/classes.ts";
import { mistakeFindings } from "./findings/mistakes.ts";
import { pairFindings } from "./findings/pairs.ts";
import { predictionOf } from "./metrics.ts";

/** What the test shows; rules and thresholds stand in docs/findings.md. */
export async function findings(artifact: Artifact): Promise<Finding[]> {
  const metrics = await artifact.json("metrics.json", metricsFile);
  if (metrics.images === 0) return [];
  using file = await openSafetensors(artifact.file(PREDICTIONS));
  const logits = file.float32("logits");
  const classes = metrics.per_class.length;
  const answers = Array.from({ length: metrics.images }, (_, i) => {
    const { predicted, confidence } = predictionOf(
      logits.subarray(i * classes, (i + 1) * classes),
    );
    return { predicted, confidence };
  });
  const labels = new Int32Array(file.read("labels").buffer);
  return findingsOf(
    metrics,
    answers.map(({ predicted, confidence }, i) => ({ confidence, right: predicted === labels[i] })),
  );
}

/** The same of metrics and of the answers that they sum up, in the order of the images. */
export function findingsOf(metrics: MetricsFile, answers: readonly Answer[]): Finding[] {
  return [
    ...accuracyFindings(metrics),
    ...classFindings(metrics),
    ...pairFindings(metrics),
    ...calibrationFindings(metrics, answers),
    ...mistakeFindings(metrics, answers),
  ];
}
