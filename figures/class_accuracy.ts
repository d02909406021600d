import { wilson } from "../base/statistics.ts";
import { count, type Figure, figure, percent, rounded } from "./figure.ts";
import { COLOURS } from "./theme.ts";

/** Images of a class, and how many of them were recognised. */
export interface ClassRow {
  readonly class: string;
  readonly images: number;
  readonly correct: number;
}

/** Of more classes only so many of either end are drawn. */
const MOST_CLASSES = 40;
const EITHER_END = 20;

/**
 * Accuracy by class, best first, with Wilson's 95% interval (Wilson 1927) and the accuracy over
 * all. Of more than 40 classes the 20 best and the 20 worst are drawn. Classes without images are
 * left out.
 */
export function accuracyByClass(classes: readonly ClassRow[], overall: number): Figure {
  const rows = classes.filter((row) => row.images > 0).map((row) => {
    const [low, high] = wilson(row.correct, row.images);
    return {
      class: row.class,
      accuracy: rounded(row.correct / row.images),
      low: rounded(low),
      high: rounded(high),
      // Beside the bar, where it can be read whatever the bar's length.
      label: `${percent(row.correct / row.images)}`,
    };
  }).toSorted((a, b) => b.accuracy - a.accuracy);
  const some = rows.length > MOST_CLASSES;
  const shown = some ? [...rows.slice(0, EITHER_END), ...rows.slice(-EITHER_END)] : rows;
  const [best, worst] = [rows[0], rows[rows.length - 1]];
  const images = classes.reduce((sum, row) => sum + row.images, 0);
  return figure({
    name: "accuracy-by-class",
    title: "Test accuracy by class",
    subtitle: [
      `Bars: accuracy; thin lines: 95% interval; dashed: all ${count(images)} images, ${
        percent(overall)
      }`,
      ...(some ? [`The ${EITHER_END} best and ${EITHER_END} worst of ${rows.length} classes`] : []),
    ],
    description:
      `Bars of the accuracy of ${shown.length} classes, best first. Best: ${best.class} ` +
      `(${best.label}); worst: ${worst.class} (${worst.label}); all images: ${percent(overall)}.`,
  }, {
    width: 520,
    height: { step: some ? 20 : 26 },
    data: { values: shown },
    encoding: { y: { field: "class", type: "nominal", sort: null, title: null } },
    layer: [
      {
        mark: { type: "bar", color: COLOURS.sky },
        encoding: {
          x: {
            field: "accuracy",
            type: "quantitative",
            title: "accuracy",
            scale: { domain: [0, 1] },
            axis: { format: ".0%", tickCount: 5 },
          },
        },
      },
      {
        mark: { type: "rule", color: COLOURS.ink, strokeWidth: 1.5 },
        encoding: { x: { field: "low", type: "quantitative" }, x2: { field: "high" } },
      },
      {
        mark: { type: "text", align: "left", baseline: "middle" },
        encoding: {
          x: { value: 530 },
          text: { field: "label", type: "nominal" },
        },
      },
      {
        data: { values: [{ overall: rounded(overall) }] },
        mark: { type: "rule", color: COLOURS.vermilion, strokeDash: [6, 4], strokeWidth: 2 },
        encoding: { x: { field: "overall", type: "quantitative" }, y: null },
      },
    ],
  });
}
