/// <reference lib="dom" />
import { lineChart, type Series } from "./chart.ts";
import type { Epoch } from "./fold.ts";
import { formatLoss, formatShare } from "./format.ts";

type Measure = Exclude<keyof Epoch, "epoch">;

/** What is measured after an epoch, in words. */
export const MEASURES: Readonly<Record<Measure, string>> = {
  validation_accuracy: "Validation accuracy",
  validation_loss: "Validation loss, nats",
  train_accuracy: "Training accuracy",
  train_loss: "Training loss, nats",
};

/** A run's measure as a curve; epochs count from 1, as people count them. */
export function seriesOf(
  name: string,
  epochs: readonly Epoch[],
  measure: Measure,
  published: number | null,
): Series {
  const points = epochs.flatMap((epoch): [number, number][] => {
    const value = epoch[measure];
    return value === null ? [] : [[epoch.epoch + 1, value]];
  });
  return { name, points, ...(published === null ? {} : { marked: published + 1 }) };
}

/** A chart of one measure, of several runs or of one. */
export function measureChart(measure: Measure, series: readonly Series[]): HTMLElement {
  const share = measure.endsWith("accuracy");
  return lineChart({
    title: MEASURES[measure],
    x: "epoch",
    series,
    format: share ? formatShare : formatLoss,
  });
}

/** Loss and accuracy of one run, training beside validation. */
export function runCharts(epochs: readonly Epoch[], published: number | null): HTMLElement[] {
  const pair = (title: string, train: Measure, validation: Measure, format: typeof formatShare) =>
    lineChart({
      title,
      x: "epoch",
      format,
      series: [
        seriesOf("training", epochs, train, null),
        seriesOf("validation", epochs, validation, published),
      ].filter(({ points }) => points.length > 0),
    });
  return [
    pair("Loss, nats", "train_loss", "validation_loss", formatLoss),
    pair("Accuracy", "train_accuracy", "validation_accuracy", formatShare),
  ];
}
