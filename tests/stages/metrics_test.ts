import { deepStrictEqual as equal, ok, strictEqual } from "node:assert/strict";
import { metricsOf } from "../../stages/evaluate/metrics.ts";

const close = (a: number, b: number) => ok(Math.abs(a - b) < 1e-6, `${a}, expected ${b}`);

// Three classes, four images. Probabilities of the winner: 0.5, 0.8, 0.6, 0.4 (by the logarithms).
const LOGITS = Float32Array.from(
  [[0.5, 0.3, 0.2], [0.1, 0.8, 0.1], [0.6, 0.3, 0.1], [0.4, 0.25, 0.35]].flat(),
  Math.log,
);
const LABELS = Int32Array.of(0, 1, 1, 2);
const metrics = metricsOf(LOGITS, LABELS, ["ant", "bee", "cow"], 4.2, 5);

Deno.test("accuracy and loss are means over the images", () => {
  strictEqual(metrics.images, 4);
  strictEqual(metrics.accuracy, 0.5);
  close(metrics.loss, 1.05);
});

Deno.test("the confusion matrix has true classes in rows", () => {
  equal(metrics.confusion, [[1, 0, 0], [1, 1, 0], [1, 0, 0]]);
  equal(metrics.per_class, [
    { class: "ant", images: 1, correct: 1, accuracy: 1 },
    { class: "bee", images: 2, correct: 1, accuracy: 0.5 },
    { class: "cow", images: 1, correct: 0, accuracy: 0 },
  ]);
});

Deno.test("below six classes there is no top-5 accuracy", () => {
  strictEqual(metrics.top5_accuracy, null);
  const seven = Float32Array.of(7, 6, 5, 4, 3, 2, 1);
  const names = [..."abcdefg"];
  strictEqual(metricsOf(seven, Int32Array.of(4), names, 0, 0).top5_accuracy, 1);
  strictEqual(metricsOf(seven, Int32Array.of(5), names, 0, 0).top5_accuracy, 0);
});

Deno.test("mistakes come most confident first, at most as many as asked for", () => {
  equal(metrics.mistakes.map(({ index, label, predicted }) => [index, label, predicted]), [
    [2, 1, 0],
    [3, 2, 0],
  ]);
  close(metrics.mistakes[0].confidence, 0.6);
  strictEqual(metricsOf(LOGITS, LABELS, ["ant", "bee", "cow"], 0, 1).mistakes.length, 1);
});

Deno.test("the calibration error weighs each bin's gap by its images", () => {
  // Bins: 0.4 wrong; 0.5 right; 0.6 wrong; 0.8 right. Gaps 0.4, 0.5, 0.6, 0.2, one image each.
  close(metrics.calibration.expected_calibration_error, (0.4 + 0.5 + 0.6 + 0.2) / 4);
  strictEqual(metrics.calibration.bins.length, 10);
  strictEqual(metrics.calibration.bins.reduce((sum, { images }) => sum + images, 0), 4);
});

Deno.test("no images at all is no division by zero", () => {
  const none = metricsOf(new Float32Array(0), new Int32Array(0), ["ant", "bee"], 0, 3);
  strictEqual(none.accuracy, 0);
  equal(none.per_class[0], { class: "ant", images: 0, correct: 0, accuracy: null });
});
