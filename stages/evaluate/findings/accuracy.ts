import { wilson } from "../../../base/statistics.ts";
import { counted, percent } from "../../../figures/figure.ts";
import type { Finding } from "../../stage.ts";
import type { MetricsFile } from "../files.ts";

/** The accuracy over all, and whether it is more than that of one answer to everything. */
export function accuracyFindings({ images, per_class }: MetricsFile): Finding[] {
  const correct = per_class.reduce((sum, row) => sum + row.correct, 0);
  const interval = wilson(correct, images);
  const common = {
    value: correct / images,
    interval,
    of: images,
    figure: "accuracy-by-class",
    source: "metrics.json#/accuracy",
  };
  const commonest = per_class.reduce((a, b) => b.images > a.images ? b : a);
  const share = commonest.images / images;
  return [
    {
      ...common,
      rule: "accuracy",
      text: `The model is right on ${percent(correct / images)} of ${
        counted(images, "test image")
      } (95% interval ${percent(interval[0])} to ${percent(interval[1])}).`,
    },
    ...(interval[0] > share ? [] : [{
      ...common,
      rule: "no-better-than-one-answer",
      text: `Always answering "${commonest.class}" would be right in ${
        percent(share)
      }: the model's accuracy is not above that by more than chance explains.`,
    }]),
  ];
}
