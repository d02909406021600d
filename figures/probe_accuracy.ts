import { wilson } from "../base/statistics.ts";
import { accuracyBar, accuracyBars } from "./accuracy_bars.ts";
import { counted, type Figure, figure, percent } from "./figure.ts";

const WIDTH = 440;

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
  const interval = validation === null
    ? undefined
    : wilson(Math.round(validation * images.validation), images.validation);
  const rows = [
    { split: `train (${counted(images.train, "image")})`, ...accuracyBar(train) },
    ...(validation === null ? [] : [{
      split: `validation (${counted(images.validation, "image")})`,
      ...accuracyBar(validation, interval),
    }]),
  ];
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
    width: WIDTH,
    height: { step: 40 },
    data: { values: rows },
    encoding: { y: { field: "split", type: "nominal", sort: null, title: null } },
    layer: accuracyBars(WIDTH),
  });
}
