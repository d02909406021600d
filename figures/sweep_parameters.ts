import { type Body, counted, type Figure, figure, percent, rounded } from "./figure.ts";
import { cutsZero } from "./learning_curves.ts";
import { NOT_SET, type SweepRow, type SweptParameter, titleOf } from "./sweep_parallel.ts";
import { COLOURS } from "./theme.ts";

/** Above so many values of a parameter their labels are thinned out. */
const MOST_LABELS = 12;

/**
 * Accuracy against each parameter of a sweep, one at a time: a point a run, and the mean of those
 * with the same value, over whatever else varies.
 */
export function sweepParameters(
  parameters: readonly SweptParameter[],
  rows: readonly SweepRow[],
): Figure {
  const accuracies = rows.map(({ accuracy }) => accuracy);
  const [low, high] = [Math.min(...accuracies), Math.max(...accuracies)];
  const zero = !cutsZero(accuracies);
  return figure({
    name: "accuracy-by-parameter",
    title: "Validation accuracy by parameter",
    subtitle: [
      `${
        counted(rows.length, "run")
      }; the line is the mean of those with one value, over all else ` +
      "that varies",
      ...(zero ? [] : ["The axes do not start at 0"]),
    ],
    description: `A panel for each of ${
      parameters.map(({ path }) => path).join(", ")
    }: validation ` +
      `accuracy of ${counted(rows.length, "run")}, from ${percent(low)} to ` +
      `${percent(high)}, and its mean for each value. ${
        parameters.map((parameter) => bestValue(parameter, rows)).join(" ")
      }`,
  }, {
    columns: 3,
    spacing: 36,
    concat: parameters.map((parameter) => panel(parameter, rows, zero)),
  });
}

function panel(parameter: SweptParameter, rows: readonly SweepRow[], zero: boolean): Body {
  const values = rows.map(({ name, values, accuracy }) => ({
    point: name,
    value: values[parameter.path] ?? NOT_SET,
    accuracy: rounded(accuracy),
  }));
  const means = meansOf(parameter, rows);
  const turned = parameter.values.some((text) => text.length > 7) || parameter.values.length > 5;
  const x = {
    field: "value",
    type: "ordinal",
    sort: parameter.values,
    scale: { domain: parameter.values },
    title: titleOf(parameter.path).split("\n"),
    axis: {
      labelAngle: turned ? -40 : 0,
      labelOverlap: parameter.values.length > MOST_LABELS,
      labelLimit: 120,
    },
  };
  const y = {
    field: "accuracy",
    type: "quantitative",
    title: "validation accuracy",
    axis: { format: ".0%", tickCount: 5, grid: true },
    scale: { zero, nice: true },
  };
  return {
    width: 210,
    height: 210,
    layer: [
      {
        data: { values },
        mark: { type: "point", size: 55, color: COLOURS.blue, opacity: 0.55 },
        encoding: { x, y },
      },
      {
        data: { values: means },
        mark: {
          type: "line",
          color: COLOURS.vermilion,
          point: { size: 70, color: COLOURS.vermilion },
        },
        encoding: { x, y },
      },
    ],
  };
}

function meansOf({ path, values }: SweptParameter, rows: readonly SweepRow[]) {
  return values.flatMap((value) => {
    const among = rows.filter((row) => (row.values[path] ?? NOT_SET) === value);
    const mean = among.reduce((sum, { accuracy }) => sum + accuracy, 0) / among.length;
    return among.length === 0 ? [] : [{ value, accuracy: rounded(mean) }];
  });
}

function bestValue(parameter: SweptParameter, rows: readonly SweepRow[]): string {
  const best = meansOf(parameter, rows).toSorted((a, b) => b.accuracy - a.accuracy)[0];
  return `Of ${parameter.path} the highest mean is ${percent(best.accuracy)}, at ${best.value}.`;
}
