import { count, counted, type Figure, figure, percent, rounded } from "./figure.ts";
import { COLOURS } from "./theme.ts";

/** What a model came to on test images. */
export interface MeasuredModel {
  readonly label: string;
  readonly parameters: number;
  readonly images: number;
  readonly accuracy: number;
  readonly interval: readonly [low: number, high: number];
}

/** Test accuracy of models side by side, with 95% intervals. @param models At least one. */
export function measuredAccuracy(models: readonly MeasuredModel[]): Figure {
  const values = models.map(({ label, parameters, accuracy, interval: [low, high] }) => ({
    model: `${label}, ${counted(parameters, "parameter")}`,
    accuracy: rounded(accuracy),
    low: rounded(low),
    high: rounded(high),
    text: `${percent(accuracy)} (${percent(low)} to ${percent(high)})`,
  }));
  const y = {
    field: "model",
    type: "nominal",
    sort: values.map(({ model }) => model),
    title: null,
    axis: { labelLimit: 360 },
  };
  const x = (field: string) => ({
    field,
    type: "quantitative",
    title: "test accuracy",
    scale: { domain: [0, 1] },
    axis: { format: ".0%", tickCount: 6 },
  });
  return figure({
    name: "measured-accuracy",
    title: "Measured: test accuracy",
    subtitle: `${count(models[0].images)} test images; lines: 95% interval; one training each`,
    description: `Points with 95% intervals: ${
      values.map(({ model, text }) => `${model}: ${text}`).join("; ")
    }.`,
  }, {
    width: 420,
    height: { step: 40 },
    data: { values },
    layer: [
      {
        mark: { type: "rule", strokeWidth: 4, color: COLOURS.blue },
        encoding: { y, x: x("low"), x2: { field: "high" } },
      },
      { mark: { type: "point", size: 70, color: COLOURS.blue }, encoding: { y, x: x("accuracy") } },
      {
        // Beside the axis, where it is in nobody's way wherever the point is.
        mark: { type: "text", align: "left" },
        encoding: { y, x: { value: 436 }, text: { field: "text", type: "nominal" } },
      },
    ],
  });
}
