import { count, counted, percent } from "../../../figures/figure.ts";
import { wilson } from "../../../base/statistics.ts";
import { metricsFile } from "../../../stages/evaluate/files.ts";
import type { Block } from "../document.ts";
import type { RunView, StageView } from "../read.ts";
import { type Chapter, facts, figuresOf, filesOf, findingsOf, textsOf } from "./chapter.ts";
import { CURVES } from "./training.ts";

/** 2e: the test, and the curves that led there. */
export const test: Chapter = {
  id: "2e",
  title: "2e. Test accuracy and curves",
  question: "How accurate is the model on images that it has never seen, and how did it get there?",
  kinds: ["evaluate"],
  tell: (stage, run) => [
    ...tellTest(stage),
    ...curves(stage, run),
    ...figuresOf(stage),
    ...findingsOf(stage),
    ...textsOf(stage),
    ...filesOf(stage, "metrics.json", "predictions.safetensors"),
  ],
};

/** Loss and accuracy of training and validation, and what they show: with the first test. */
function curves(stage: StageView, run: RunView): Block[] {
  const first = run.stages.find(({ kind, artifact }) => kind === "evaluate" && artifact);
  if (first !== stage) return [];
  return run.stages.filter(({ kind }) => kind === "train").flatMap((train) => [
    ...figuresOf(train, (name) => name === CURVES),
    ...findingsOf(train, ({ figure }) => figure === CURVES),
  ]);
}

function tellTest(stage: StageView): Block[] {
  const metrics = stage.json("metrics.json", metricsFile);
  if (!metrics || metrics.images === 0) return [];
  const correct = metrics.per_class.reduce((sum, row) => sum + row.correct, 0);
  const [low, high] = wilson(correct, metrics.images);
  const source = `${stage.name}/metrics.json`;
  const interval = `95% interval ${percent(low, 2)} to ${percent(high, 2)}`;
  return [
    {
      type: "answer",
      text: `It is right on ${count(correct)} of ${counted(metrics.images, "test image")}: ${
        percent(metrics.accuracy, 2)
      }, ${interval}.`,
      source,
    },
    facts(stage, "metrics.json", [
      [
        "Accuracy",
        `${percent(metrics.accuracy, 2)} (${count(correct)} of ${
          count(metrics.images)
        }; ${interval})`,
      ],
      ...(metrics.top5_accuracy === null
        ? []
        : [["Top-5 accuracy", percent(metrics.top5_accuracy, 2)] as const]),
      ["Loss", `${metrics.loss.toFixed(4)} nats`],
      ["Calibration error", percent(metrics.calibration.expected_calibration_error)],
    ]),
    {
      type: "table",
      table: {
        caption: "Test accuracy by class",
        head: ["Class", "Images", "Correct", "Accuracy"],
        numeric: [1, 2, 3],
        rows: metrics.per_class.map((row) => [
          row.class,
          count(row.images),
          count(row.correct),
          row.accuracy === null ? "–" : percent(row.accuracy),
        ]),
        folded: true,
        source,
      },
    },
  ];
}
