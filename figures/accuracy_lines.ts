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

/** Pixels between the points of two models that stand at one place. */
const BESIDE = 6;

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
  const bars = values.some((value) => "low" in value);
  const x = { field: "x", title: axis.title, ...axisOf(points, axis, bars) };
  const top = Math.ceil(
    10 * Math.max(...points.map(({ accuracy, interval }) => interval?.[1] ?? accuracy), chance),
  ) / 10;
  const y = (field: string) => ({
    field,
    type: "quantitative",
    title: "accuracy",
    scale: { domain: [0, top], nice: false },
    axis: { format: ".0%", tickCount: 6 },
  });
  const several = labels.length > 1;
  const scale = { domain: labels };
  const legend = several ? { orient: "top", columns: 3 } : null;
  const colour = { color: { field: "label", type: "nominal", title: null, scale, legend } };
  const shape = { shape: { field: "label", type: "nominal", title: null, scale, legend } };
  const lines = labels.flatMap((label, index): Body[] => {
    // Beside each other, so that no bar hides another's.
    const xOffset = bars ? (index - (labels.length - 1) / 2) * BESIDE : 0;
    const transform = [{ filter: { field: "label", equal: label } }];
    const at = (field: string) => ({ x, y: y(field), ...colour });
    return [
      { transform, mark: { type: "line", xOffset }, encoding: at("accuracy") },
      ...(bars
        ? [{
          transform,
          mark: { type: "rule", strokeWidth: 1.5, xOffset },
          encoding: { ...at("low"), y2: { field: "high" } },
        }]
        : []),
      {
        transform,
        mark: { type: "point", size: 60, xOffset },
        encoding: { ...at("accuracy"), ...shape },
      },
    ];
  });
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
    ...lines,
  ];
  return figure(about, { width: 480, height: 300, data: { values }, layer: layers });
}

function axisOf(
  points: readonly AccuracyPoint[],
  { scale, labels }: LineAxis,
  bars: boolean,
): Body {
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
    scale: bars ? { zero: true, nice: false, padding: 14 } : { zero: true, nice: true },
    axis: { format: ",d", grid: false, tickCount: 6 },
  };
}

/** To a hundredth of a point: less is seen in no picture. */
function rounded(share: number): number {
  return Number(share.toFixed(4));
}

function show(share: number): string {
  return `${Number((100 * share).toFixed(1))}%`;
}
