import { wilson } from "../../base/statistics.ts";
import type { MetricsFile } from "../../stages/evaluate/files.ts";
import { count, counted, percent, plain, table } from "../../stages/train/card/words.ts";

/** Up to so many classes have a row each. */
const MOST_ROWS = 40;

/** Loss, accuracy with its interval, and every class. */
export function describeTest(metrics: MetricsFile): string {
  const { images, loss, accuracy, top5_accuracy, calibration, per_class } = metrics;
  const [low, high] = wilson(correctOf(metrics), images);
  const rows = [
    ["images", count(images)],
    ["loss (mean cross-entropy, nats)", loss.toFixed(4)],
    ["accuracy", `${percent(accuracy)} (95% interval ${percent(low)} to ${percent(high)})`],
    ...(top5_accuracy === null ? [] : [["top-5 accuracy", percent(top5_accuracy)]]),
    ["expected calibration error", percent(calibration.expected_calibration_error)],
  ];
  const classes = per_class.filter((row) => row.images > 0);
  if (classes.length > MOST_ROWS) {
    const byAccuracy = classes.toSorted((a, b) => b.accuracy! - a.accuracy!);
    return [
      table(["measure", "value"], rows),
      `The ten best and the ten worst of ${count(classes.length)} classes:`,
      classTable([...byAccuracy.slice(0, 10), ...byAccuracy.slice(-10)]),
    ].join("\n\n");
  }
  return [table(["measure", "value"], rows), classTable(classes)].join("\n\n");
}

/** What the test says of where the model is not to be trusted; each a sentence or two. */
export function limitsOf(metrics: MetricsFile): string[] {
  const classes = metrics.per_class.filter((row) => row.accuracy !== null)
    .toSorted((a, b) => a.accuracy! - b.accuracy!);
  const [worst, best] = [classes[0], classes.at(-1)!];
  const limits: string[] = [];
  if (worst.accuracy! < best.accuracy!) {
    limits.push(
      `On the test images it is weakest at ${plain(worst.class)} (${right(worst)}) and strongest ` +
        `at ${plain(best.class)} (${right(best)}).${confusion(metrics)}`,
    );
  }
  const confidence = confidenceOf(metrics);
  const off = confidence - metrics.accuracy;
  if (Math.abs(off) >= 0.02) {
    limits.push(
      `Its probabilities are too ${off > 0 ? "high" : "low"}: on the test images the named class ` +
        `has ${percent(confidence, 1)} on average, and is right in ${
          percent(metrics.accuracy, 1)
        }.`,
    );
  }
  return limits;
}

function confusion({ per_class, confusion }: MetricsFile): string {
  let most = 0;
  let pair: [number, number] | undefined;
  confusion.forEach((row, actual) =>
    row.forEach((images, predicted) => {
      if (actual === predicted || images <= most) return;
      most = images;
      pair = [actual, predicted];
    })
  );
  if (pair === undefined) return "";
  const [actual, predicted] = pair.map((index) => per_class[index]);
  return ` Its commonest mistake is to take ${plain(actual.class)} for ${plain(predicted.class)}: ${
    count(most)
  } of ${count(actual.images)}.`;
}

/** Mean probability of the class that it named. */
function confidenceOf({ calibration: { bins }, images }: MetricsFile): number {
  return bins.reduce((sum, bin) => sum + bin.images * (bin.confidence ?? 0), 0) / images;
}

function right({ correct, images }: MetricsFile["per_class"][number]): string {
  return `${count(correct)} of ${counted(images, "image")} right`;
}

function correctOf({ per_class }: MetricsFile): number {
  return per_class.reduce((sum, { correct }) => sum + correct, 0);
}

function classTable(classes: MetricsFile["per_class"]): string {
  const rows = classes.map((row) => [
    plain(row.class),
    count(row.images),
    count(row.correct),
    percent(row.accuracy!, 1),
  ]);
  return table(["class", "test images", "right", "accuracy"], rows, [1, 2, 3]);
}
