import { wilson } from "../base/statistics.ts";
import { accuracyBar, accuracyBars } from "./accuracy_bars.ts";
import { count, counted, type Figure, figure, percent, rounded } from "./figure.ts";
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
/** Of a longer name the middle is left out: names that begin alike are told apart by their ends. */
const [LONGEST_NAME, END_OF_NAME] = [34, 16];
const SHORT_NAME = `length(datum.label) <= ${LONGEST_NAME} ? datum.label : ` +
  `slice(datum.label, 0, ${LONGEST_NAME - END_OF_NAME - 1}) + '…' + ` +
  `slice(datum.label, -${END_OF_NAME})`;
const WIDTH = 520;

/**
 * Accuracy by class, best first, with Wilson's 95% interval (Wilson 1927) and the accuracy over
 * all. Of more than 40 classes the 20 best and the 20 worst are drawn, with a gap between them. Classes
 * without images are left out.
 */
export function accuracyByClass(classes: readonly ClassRow[], overall: number): Figure {
  const rows = classes.filter((row) => row.images > 0).map((row) => ({
    class: row.class,
    ...accuracyBar(row.correct / row.images, wilson(row.correct, row.images)),
  })).toSorted((a, b) => b.accuracy - a.accuracy);
  const some = rows.length > MOST_CLASSES;
  const [above, below] = some ? [rows.slice(0, EITHER_END), rows.slice(-EITHER_END)] : [rows, []];
  const shown = [...above, ...below];
  const names = (part: typeof rows) => part.map((row) => row.class);
  const between = `(${counted(rows.length - shown.length, "class", "classes")} between)`;
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
    width: WIDTH,
    height: { step: some ? 20 : 26 },
    data: { values: shown },
    encoding: {
      y: {
        field: "class",
        type: "nominal",
        title: null,
        scale: { domain: [...names(above), ...(some ? [between] : []), ...names(below)] },
        axis: { labelExpr: SHORT_NAME, labelLimit: 320 },
      },
    },
    layer: [
      ...accuracyBars(WIDTH),
      {
        data: { values: [{ overall: rounded(overall) }] },
        mark: { type: "rule", color: COLOURS.vermilion, strokeDash: [6, 4], strokeWidth: 2 },
        encoding: { x: { field: "overall", type: "quantitative" }, y: null },
      },
    ],
  });
}
