import type { MetricsFile } from "./files.ts";

/** Bins of the reliability diagram, equally wide (Guo et al. 2017 use 15; 10 read more easily). */
export const BINS = 10;

/** The class that a model names, and the probability that it gives it. @param row Logits. */
export function predictionOf(row: Float32Array): { predicted: number; confidence: number } {
  const predicted = row.indexOf(row.reduce((a, b) => Math.max(a, b)));
  const confidence = 1 / row.reduce((sum, x) => sum + Math.exp(x - row[predicted]), 0);
  return { predicted, confidence };
}

/** Index of the bin that a probability belongs to. */
export function binOf(confidence: number): number {
  return Math.min(BINS - 1, Math.floor(confidence * BINS));
}

/**
 * Counts what a model got right.
 *
 * @param logits `[images, classes]`, row by row.
 * @param labels Index of the true class of each image.
 * @param loss Sum of the cross-entropy over all images, nats.
 * @param keep How many of the most confident mistakes to list.
 */
export function metricsOf(
  logits: Float32Array,
  labels: Int32Array,
  classes: readonly string[],
  loss: number,
  keep: number,
): MetricsFile {
  const images = labels.length;
  const confusion = classes.map(() => classes.map(() => 0));
  const bins = Array.from({ length: BINS }, () => ({ images: 0, confidence: 0, correct: 0 }));
  const mistakes: MetricsFile["mistakes"] = [];
  let top5 = 0;
  for (let index = 0; index < images; index++) {
    const row = logits.subarray(index * classes.length, (index + 1) * classes.length);
    const label = labels[index];
    const { predicted, confidence } = predictionOf(row);
    confusion[label][predicted]++;
    // Ties count for the class with the lower index, as in torch.topk on the CPU.
    const better = row.reduce(
      (n, x, c) => n + Number(x > row[label] || (x === row[label] && c < label)),
      0,
    );
    if (better < 5) top5++;
    const bin = bins[binOf(confidence)];
    bin.images++;
    bin.confidence += confidence;
    bin.correct += Number(predicted === label);
    if (predicted !== label) mistakes.push({ index, label, predicted, confidence });
  }
  const correct = confusion.reduce((sum, row, c) => sum + row[c], 0);
  const share = (part: number, whole: number) => whole > 0 ? part / whole : null;
  return {
    images,
    loss: images > 0 ? loss / images : 0,
    accuracy: images > 0 ? correct / images : 0,
    top5_accuracy: classes.length < 6 ? null : share(top5, images),
    per_class: classes.map((name, c) => {
      const count = confusion[c].reduce((a, b) => a + b, 0);
      return {
        class: name,
        images: count,
        correct: confusion[c][c],
        accuracy: share(confusion[c][c], count),
      };
    }),
    confusion,
    calibration: {
      expected_calibration_error: images === 0
        ? 0
        : bins.reduce((sum, b) => sum + Math.abs(b.correct - b.confidence), 0) / images,
      bins: bins.map((b, i) => ({
        from: i / BINS,
        to: (i + 1) / BINS,
        images: b.images,
        confidence: share(b.confidence, b.images),
        accuracy: share(b.correct, b.images),
      })),
    },
    mistakes: mistakes.sort((a, b) => b.confidence - a.confidence || a.index - b.index).slice(
      0,
      keep,
    ),
  };
}
