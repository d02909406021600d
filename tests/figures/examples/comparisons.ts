import { benchRatios } from "../../../figures/bench_ratios.ts";
import { benchScale } from "../../../figures/bench_scale.ts";
import { runCurves } from "../../../figures/run_curves.ts";
import { sweepParallel } from "../../../figures/sweep_parallel.ts";
import { sweepParameters } from "../../../figures/sweep_parameters.ts";

const PARAMETERS = [
  { path: "train.optimizer.learning_rate", values: ["0.001", "0.01"] },
  { path: "freeze.blocks", values: ["4", "6"] },
];
const POINTS = ([["0.01", "4", 0.9], ["0.001", "6", 0.7], ["0.01", "6", 0.5]] as const).map(
  ([rate, blocks, accuracy], i) => ({
    name: `point ${i + 1}`,
    values: { "train.optimizer.learning_rate": rate, "freeze.blocks": blocks },
    accuracy,
  }),
);

/** What stands several runs beside each other: sweeps, compare, the benchmark. */
export const COMPARISONS = [
  sweepParallel(PARAMETERS, POINTS),
  sweepParameters(PARAMETERS, POINTS),
  runCurves([
    {
      name: "all frozen",
      epochs: [
        { epoch: 0, validation_loss: 1.5, validation_accuracy: 0.4 },
        { epoch: 1, validation_loss: 1.25, validation_accuracy: 0.5 },
      ],
    },
    {
      name: "two blocks",
      epochs: [
        { epoch: 0, validation_loss: 1.25, validation_accuracy: 0.5 },
        { epoch: 1, validation_loss: 0.75, validation_accuracy: 0.75 },
      ],
    },
  ], { title: "Runs beside each other" })!,
  benchRatios([
    {
      group: "forward",
      title: "ViT-B/16, batch 8",
      peer: "PyTorch",
      ratio: { median: 1.2, low: 1.1, high: 1.3 },
      aim: 1,
    },
    {
      group: "pipeline",
      title: "nothing to do",
      peer: "DVC",
      ratio: { median: 8, low: 7, high: 9.5 },
      aim: null,
    },
  ])!,
  benchScale([
    { images: 1000, seconds: 4, again: 0.3, peak: 1.5e9 },
    { images: 100_000, seconds: 300, again: 0.4, peak: 2e9 },
  ])!,
];
