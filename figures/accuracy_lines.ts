import { type Body, type Figure, figure } from "./figure.ts";
import { COLOURS } from "./theme.ts";

/** A point of a line: what a model came to, with its interval where there is one. */
export interface AccuracyPoint {
  /** Which line it belongs to. */
  readonly label: string;
  readonly x: number;
  readonly accuracy: number;
  /** 95%. */
  readonly interval?: readonly [low: number, high: number];
}

/** The horizontal axis. */
export interface LineAxis {
  readonly title: string;
  /** `steps`: every value that occurs has a place of its own, the largest first. */
  readonly scale: "linear" | "log" | "steps";
  /** What stands at a value, in place of the number. */
  readonly labels?: ReadonlyMap<number, string>;
}

/**
 * Accuracy of one model or several as something changes, with the accuracy of a guess.
 *
 * @param points At least one; lines in the order in which their labels come first.
 * @param chance Accuracy of guessing.
 */
export function accuracyLines(
  about: Parameters<typeof figure>[0],
  points: readonly AccuracyPoint[],
  axis: LineAxis,
  chance: number,
): Figure {
  const labels = [...new Set(points.map(({ label }) => label))];
  const values = points.map(({ label, x, accuracy, interval }) => ({
    label,
    x: axis.scale === "steps" ? axis.labels?.get(x) ?? String(x) : x,
    accuracy: rounded(accuracy),
    ...(interval && { low: rounded(interval[0]), high: rounded(interval[1]) }),
  }));
  const x = { field: "x", title: axis.title, ...axisOf(points, axis) };
  const y = (field: string) => ({
    field,
    type: "quantitative",
    title: "accuracy",
    scale: { domain: [0, 1] },
    axis: { format: ".0%", tickCount: 6 },
  });
  const several = labels.length > 1;
  const identity = several && {
    color: {
      field: "label",
      type: "nominal",
      title: null,
      scale: { domain: labels },
      legend: { orient: "top", columns: 3 },
    },
    shape: { field: "label", type: "nominal", title: null, scale: { domain: labels } },
  };
  const { shape: _, ...colourOnly } = identity || {};
  const line = several ? { type: "line" } : { type: "line", color: COLOURS.blue };
  const layers: Body[] = [
    {
      data: { values: [{ chance: rounded(chance), text: `guessing: ${show(chance)}` }] },
      layer: [
        {
          mark: { type: "rule", strokeDash: [5, 4], color: COLOURS.grey },
          encoding: { y: y("chance") },
        },
        {
          mark: { type: "text", align: "left", dx: 4, dy: 11, fontSize: 12, color: "#555555" },
          encoding: { x: { value: 0 }, y: y("chance"), text: { field: "text", type: "nominal" } },
        },
      ],
    },
    { mark: line, encoding: { x, y: y("accuracy"), ...colourOnly } },
    ...(values.some((value) => "low" in value)
      ? [{
        mark: { type: "rule", strokeWidth: 1.5, ...(several ? {} : { color: COLOURS.blue }) },
        encoding: { x, y: y("low"), y2: { field: "high" }, ...colourOnly },
      }]
      : []),
    {
      mark: { type: "point", size: 60, ...(several ? {} : { color: COLOURS.blue }) },
      encoding: { x, y: y("accuracy"), ...identity },
    },
  ];
  return figure(about, { width: 480, height: 300, data: { values }, layer: layers });
}

function axisOf(points: readonly AccuracyPoint[], { scale, labels }: LineAxis): Body {
  const places = [...new Set(points.map(({ x }) => x))];
  if (scale === "steps") {
    const sort = places.sort((a, b) => b - a).map((x) => labels?.get(x) ?? String(x));
    return { type: "ordinal", sort, axis: { labelAngle: 0, grid: false } };
  }
  if (scale === "log") {
    const sorted = places.sort((a, b) => a - b);
    return {
      type: "quantitative",
      scale: { type: "log", nice: false, padding: 24 },
      axis: { values: sorted, format: ",d", grid: false },
    };
  }
  return {
    type: "quantitative",
    scale: { zero: true, nice: true },
    axis: { format: ",d", grid: false, tickCount: 6 },
  };
}

/** Half a percent is seen in no picture. */
function rounded(share: number): number {
  return Number(share.toFixed(4));
}

function show(share: number): string {
  return `${Number((100 * share).toFixed(1))}%`;
}
