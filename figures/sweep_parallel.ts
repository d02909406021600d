import { counted, type Figure, figure, percent, rounded, shorten } from "./figure.ts";
import { COLOURS } from "./theme.ts";

/** A point of a sweep that has a result. */
export interface SweepRow {
  readonly name: string;
  /** Value as text by dotted path; a path may be missing. */
  readonly values: Readonly<Record<string, string>>;
  /** Share of the validation images, by the model that was published. */
  readonly accuracy: number;
}

/** A parameter that a sweep varies: its values in the order of an axis. */
export interface SweptParameter {
  readonly path: string;
  readonly values: readonly string[];
}

/** More labels than these on one axis would overlap. */
const MOST_LABELS = 12;
/** What stands for a parameter that a point does not have: the momentum of an optimizer without. */
export const NOT_SET = "–";
/** A longer value is cut. */
const LONGEST = 24;
const RESULT = "validation\naccuracy";
const HEIGHT = 320;

/**
 * Parallel coordinates: an axis a parameter, its values evenly spaced in their order, and last the
 * accuracy; a line a point, the best one on top.
 *
 * @param rows From best to worst.
 */
export function sweepParallel(
  parameters: readonly SweptParameter[],
  rows: readonly SweepRow[],
): Figure {
  const accuracies = rows.map(({ accuracy }) => accuracy);
  const [low, high] = [Math.min(...accuracies), Math.max(...accuracies)];
  const height = (accuracy: number) => high === low ? 0.5 : (accuracy - low) / (high - low);
  const axes = [...parameters.map(({ path }) => titleOf(path)), RESULT];
  const lines = rows.flatMap(({ name, values, accuracy }, index) => [
    ...parameters.map((parameter) => ({
      point: name,
      axis: titleOf(parameter.path),
      place: placeOf(parameter, values[parameter.path] ?? NOT_SET),
      accuracy: rounded(accuracy),
      best: index === 0,
    })),
    {
      point: name,
      axis: RESULT,
      place: rounded(height(accuracy)),
      accuracy: rounded(accuracy),
      best: index === 0,
    },
  ]);
  const labels = [
    ...parameters.flatMap((parameter) => {
      const every = Math.ceil(parameter.values.length / MOST_LABELS);
      return parameter.values.filter((_, i) => i % every === 0).map((value) => ({
        axis: titleOf(parameter.path),
        place: placeOf(parameter, value),
        text: shorten(value, LONGEST),
      }));
    }),
    ...(high === low ? [low] : [low, high]).map((accuracy) => ({
      axis: RESULT,
      place: height(accuracy),
      text: percent(accuracy),
    })),
  ];
  const x = {
    field: "axis",
    type: "nominal",
    sort: null,
    title: null,
    scale: { type: "point", padding: 0.35, domain: axes },
    axis: {
      labelAngle: 0,
      labelExpr: "split(datum.label, '\\n')",
      labelLimit: 180,
      labelPadding: 14,
      domain: false,
      ticks: false,
      grid: false,
    },
  };
  const y = {
    field: "place",
    type: "quantitative",
    scale: { domain: [-0.02, 1.02], nice: false },
    axis: null,
  };
  const text = (halo: boolean, result: boolean) => ({
    data: { values: labels.filter(({ axis }) => (axis === RESULT) === result) },
    mark: {
      type: "text",
      align: result ? "left" : "right",
      dx: result ? 8 : -8,
      ...(halo && { stroke: "#ffffff", strokeWidth: 9, strokeJoin: "round" }),
    },
    encoding: { x, y, text: { field: "text", type: "nominal" } },
  });
  const detail = { field: "point", type: "nominal" };
  return figure({
    name: "parallel-coordinates",
    title: "All points of the sweep",
    subtitle: [
      `${counted(rows.length, "point")}; darker: higher validation accuracy`,
      `Thick: the best point, ${percent(high)}. Where lines coincide the better one is seen`,
    ],
    description: `Parallel coordinates of ${counted(rows.length, "point")}: an axis for each of ` +
      `${parameters.map(({ path }) => path).join(", ")}, and one for validation accuracy, from ` +
      `${percent(low)} to ${percent(high)}. Best: ${rows[0].name}.`,
  }, {
    width: Math.max(420, Math.min(900, 190 * axes.length)),
    height: HEIGHT,
    layer: [
      {
        data: { values: axes.map((axis) => ({ axis, from: 0, to: 1 })) },
        mark: { type: "rule", color: COLOURS.grey },
        encoding: { x, y: { ...y, field: "from" }, y2: { field: "to" } },
      },
      {
        data: { values: lines.filter(({ best }) => !best).reverse() },
        mark: { type: "line", strokeWidth: 1.8, opacity: 0.85 },
        encoding: {
          x,
          y,
          detail,
          color: {
            field: "accuracy",
            type: "quantitative",
            title: "validation accuracy",
            scale: { range: ["#c3d3e0", COLOURS.blue], domain: [low, high], zero: false },
            legend: null,
          },
        },
      },
      {
        data: { values: lines.filter(({ best }) => best) },
        mark: { type: "line", strokeWidth: 4.5, color: COLOURS.vermilion },
        encoding: { x, y, detail },
      },
      text(true, false),
      text(false, false),
      text(false, true),
    ],
  });
}

/** From 0 (first value) to 1 (last). */
function placeOf({ values }: SweptParameter, value: string): number {
  return values.length === 1 ? 0.5 : rounded(values.indexOf(value) / (values.length - 1));
}

/** A path on lines that are short enough to stand side by side. */
export function titleOf(path: string): string {
  return path.split(".").reduce((text, word) => {
    const line = text.slice(text.lastIndexOf("\n") + 1);
    return line.length + word.length > 18 ? `${text}.\n${word}` : `${text}.${word}`;
  });
}
