import { accuracyByData, accuracyByImagesSeen } from "../../../figures/measured_runs.ts";
import { accuracyByPatch, accuracyByShift } from "../../../figures/robustness.ts";

const point = (label: string, x: number, accuracy: number) => ({
  label,
  x,
  accuracy,
  interval: [accuracy - 0.05, accuracy + 0.05] as const,
});
const SOURCE = { images: 250, classes: 10 };

/** What networks come to while they learn, on changed images and with less data. */
export const MEASURED = [
  accuracyByShift([point("the model", 0, 0.61234567), point("the model", 4, 0.5)], SOURCE),
  accuracyByPatch(
    [
      ...[point("CNN", 32, 0.6), point("CNN", 8, 0.4)],
      ...[point("RNN", 32, 0.5), point("RNN", 8, 0.2)],
    ],
    new Map([[32, 1], [8, 16]]),
    { ...SOURCE, note: "one training each" },
  ),
  accuracyByImagesSeen([
    { label: "CNN", x: 100, accuracy: 0.3 },
    { label: "CNN", x: 200, accuracy: 0.5 },
    { label: "RNN", x: 100, accuracy: 0.2 },
    { label: "RNN", x: 200, accuracy: 0.4 },
  ], 10),
  accuracyByData(
    [point("CNN", 100, 0.3), point("CNN", 1000, 0.6)],
    { ...SOURCE, seen: [9_900, 10_000] },
  ),
];
