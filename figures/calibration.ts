import { count, type Figure, figure, percent, rounded, WITH_PREFIX } from "./figure.ts";
import { COLOURS } from "./theme.ts";

/** Images whose predicted class has a probability between `from` and `to`. */
export interface CalibrationBin {
  readonly from: number;
  readonly to: number;
  readonly images: number;
  /** Mean probability of the predicted class; null without images. */
  readonly confidence: number | null;
  readonly accuracy: number | null;
}

/**
 * Reliability diagram (Guo et al. 2017): accuracy against confidence, and how many images each bin
 * has. A calibrated model lies on the diagonal.
 *
 * @param error Expected calibration error, a share.
 */
export function calibration(bins: readonly CalibrationBin[], error: number): Figure {
  const filled = bins.filter((bin) => bin.images > 0);
  const images = filled.reduce((sum, bin) => sum + bin.images, 0);
  const x = (title: string | null) => ({
    field: "from",
    type: "quantitative",
    bin: "binned",
    title,
    scale: { domain: [0, 1], nice: false },
    axis: { format: ".0%", tickCount: 5, labels: title !== null },
  });
  const line = (field: string) => ({ field, type: "quantitative" });
  const values = filled.map((bin) => ({
    from: rounded(bin.from),
    to: rounded(bin.to),
    images: bin.images,
    confidence: rounded(bin.confidence!),
    accuracy: rounded(bin.accuracy!),
  }));
  return figure({
    name: "calibration",
    title: "Calibration: is the model as sure as it is right?",
    subtitle: [
      `Expected calibration error ${percent(error)} over ${count(images)} test ${
        images === 1 ? "image" : "images"
      }`,
      "Points: accuracy at a bin's mean confidence; dashed: where the two are equal",
      "Red lines: how far a bin is from that; below the dashed line the model is too sure",
    ],
    description: `Reliability diagram over ${filled.length} bins of confidence, with the number ` +
      `of images below. Expected calibration error ${percent(error)}. ${tendency(filled)}`,
  }, {
    data: { values },
    spacing: 14,
    vconcat: [
      {
        width: 440,
        height: 320,
        layer: [
          {
            mark: { type: "bar", color: COLOURS.sky, stroke: "#ffffff", strokeWidth: 1 },
            encoding: {
              x: x(null),
              x2: { field: "to" },
              y: {
                field: "accuracy",
                type: "quantitative",
                title: "accuracy",
                scale: { domain: [0, 1] },
                axis: { format: ".0%", tickCount: 5, minExtent: 56 },
              },
            },
          },
          {
            data: { values: [{ from: 0, accuracy: 0 }, { from: 1, accuracy: 1 }] },
            mark: { type: "line", color: COLOURS.ink, strokeDash: [6, 4], strokeWidth: 1.5 },
            encoding: { x: line("from"), y: { field: "accuracy", type: "quantitative" } },
          },
          {
            mark: { type: "rule", color: COLOURS.vermilion, strokeWidth: 3 },
            encoding: {
              x: line("confidence"),
              y: { field: "confidence", type: "quantitative" },
              y2: { field: "accuracy" },
            },
          },
          {
            mark: { type: "point", color: COLOURS.vermilion, size: 70 },
            encoding: {
              x: line("confidence"),
              y: { field: "accuracy", type: "quantitative" },
            },
          },
        ],
      },
      {
        width: 440,
        height: 110,
        mark: { type: "bar", color: COLOURS.grey, stroke: "#ffffff", strokeWidth: 1 },
        encoding: {
          x: x("confidence (probability of the predicted class)"),
          x2: { field: "to" },
          y: {
            field: "images",
            type: "quantitative",
            title: "images",
            axis: { ...WITH_PREFIX, tickCount: 3, minExtent: 56 },
          },
        },
      },
    ],
  });
}

function tendency(bins: readonly CalibrationBin[]): string {
  const difference = bins.reduce(
    (sum, bin) => sum + bin.images * (bin.confidence! - bin.accuracy!),
    0,
  );
  if (difference === 0) return "";
  return difference > 0
    ? "On average the model is more confident than it is right."
    : "On average the model is right more often than it is confident.";
}
