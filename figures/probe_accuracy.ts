import { wilson } from "../base/statistics.ts";
import { counted, type Figure, figure, percent, rounded } from "./figure.ts";
import { COLOURS } from "./theme.ts";

/** How a linear classifier was fitted, and how well it does. */
export interface ProbeRow {
  readonly images: { readonly train: number; readonly validation: number };
  /** Weight of the penalty. */
  readonly l2: number;
  readonly train_accuracy: number;
  /** Null where there are no validation images. */
  readonly validation_accuracy: number | null;
}

/**
 * Accuracy of a linear probe on the images that it was fitted on and on the validation images, these
 * with Wilson's 95% interval. (Of images that it was fitted on an interval would say nothing.)
 */
export function probeAccuracy({ images, l2, ...probe }: ProbeRow): Figure {
  const { train_accuracy: train, validation_accuracy: validation } = probe;
  const rows = [
    { split: `train (${counted(images.train, "image")})`, accuracy: train },
    ...(validation === null
      ? []
      : [{ split: `validation (${counted(images.validation, "image")})`, accuracy: validation }]),
  ].map(({ split, accuracy }) => ({
    split,
    accuracy: rounded(accuracy),
    label: percent(accuracy),
  }));
  const interval = validation === null
    ? undefined
    : wilson(Math.round(validation * images.validation), images.validation);
  const result = rows.map(({ split, label }) => `${split}: ${label}`).join("; ");
  return figure({
    name: "probe-accuracy",
    title: "Accuracy of a linear classifier on the pretrained model",
    subtitle: [
      `Penalty l2 = ${l2}; nothing of the model itself was trained`,
      ...(interval ? ["Thin line: 95% interval"] : []),
    ],
    description: `Bars of the accuracy of a linear classifier with the penalty ${l2}. ${result}${
      interval ? ` (95% interval ${interval.map((x) => percent(x)).join(" to ")})` : ""
    }.`,
  }, {
    width: 440,
    height: { step: 40 },
    data: { values: rows },
    encoding: { y: { field: "split", type: "nominal", sort: null, title: null } },
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
      ...(interval
        ? [{
          data: {
            values: [{
              split: rows[1].split,
              low: rounded(interval[0]),
              high: rounded(interval[1]),
            }],
          },
          mark: { type: "rule", color: COLOURS.ink, strokeWidth: 1.5 },
          encoding: { x: { field: "low", type: "quantitative" }, x2: { field: "high" } },
        }]
        : []),
      {
        mark: { type: "text", align: "left", baseline: "middle" },
        encoding: { x: { value: 450 }, text: { field: "label", type: "nominal" } },
      },
    ],
  });
}
