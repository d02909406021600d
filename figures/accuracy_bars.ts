import { type Body, percent, rounded } from "./figure.ts";
import { COLOURS } from "./theme.ts";

/** What a bar is drawn from, for {@linkcode accuracyBars}. */
export interface AccuracyBar {
  readonly accuracy: number;
  readonly label: string;
  readonly low?: number;
  readonly high?: number;
}

/** @param interval 95%, as a thin line; without it there is none. */
export function accuracyBar(
  accuracy: number,
  interval?: readonly [low: number, high: number],
): AccuracyBar {
  return {
    accuracy: rounded(accuracy),
    ...(interval && { low: rounded(interval[0]), high: rounded(interval[1]) }),
    label: percent(accuracy),
  };
}

/**
 * Layers over rows of {@linkcode AccuracyBar}: bars from 0 to 100%, intervals, and the numbers beside
 * the plot, where they can be read whatever the bar's length.
 *
 * @param width Of the plot, units of the figure.
 */
export function accuracyBars(width: number): Body[] {
  return [
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
      transform: [{ filter: "isValid(datum.low)" }],
      mark: { type: "rule", color: COLOURS.ink, strokeWidth: 1.5 },
      encoding: { x: { field: "low", type: "quantitative" }, x2: { field: "high" } },
    },
    {
      mark: { type: "text", align: "left", baseline: "middle" },
      encoding: { x: { value: width + 10 }, text: { field: "label", type: "nominal" } },
    },
  ];
}
