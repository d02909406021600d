import { count, counted, percent } from "../../../figures/figure.ts";
import { historyFile } from "../../../stages/train/files.ts";
import { publishedEpoch } from "../../../stages/train/keep.ts";
import type { Block } from "../document.ts";
import type { StageView } from "../read.ts";
import { type Chapter, figuresOf, filesOf, findingsOf } from "./chapter.ts";

/** The figure of 2e among those of training. */
export const CURVES = "learning-curves";

/** 2d: what each epoch brought. */
export const training: Chapter = {
  id: "2d",
  title: "2d. Training, epoch by epoch",
  question: "How accurate is the model on training and validation images after each epoch?",
  kinds: ["train"],
  tell: (stage, run) => {
    // The curves are asked for beside the test, where there is one.
    const tested = run.stages.some(({ kind, artifact }) => kind === "evaluate" && artifact);
    const here = (name: string | undefined) => !tested || name !== CURVES;
    return [
      ...tellTraining(stage),
      ...figuresOf(stage, here),
      ...findingsOf(stage, ({ figure }) => here(figure)),
      ...filesOf(stage, "history.json", "model/README.md"),
    ];
  },
};

function tellTraining(stage: StageView): Block[] {
  const history = stage.json("history.json", historyFile);
  if (!history) return [];
  const { epochs, steps, published_epoch: published } = history;
  const last = publishedEpoch(history);
  if (last === undefined) return [{ type: "answer", text: "No epoch was trained." }];
  const source = `${stage.name}/history.json`;
  return [
    {
      type: "answer",
      text: `After epoch ${last.epoch + 1} of ${epochs.length}${
        published === undefined ? "" : ", the best on the validation images and so the one kept,"
      } it is right on ${percent(last.train_accuracy)} of the training images${
        last.validation_accuracy === null
          ? "; there are no validation images"
          : ` and ${percent(last.validation_accuracy)} of the validation images`
      }.`,
      source: `${source}#/epochs/${last.epoch}`,
    },
    {
      type: "text",
      text:
        `${counted(epochs.length, "epoch")}, ${counted(steps.length, "step")}. Losses are mean ` +
        "cross-entropy in nats. Both splits are measured after each epoch, on the model as it " +
        `then stands.${
          published === undefined
            ? ""
            : ` The model of epoch ${published + 1} was kept: its validation accuracy is best.`
        }`,
    },
    {
      type: "table",
      table: {
        caption: "Training and validation by epoch",
        head: ["Epoch", "Train loss", "Train accuracy", "Validation loss", "Validation accuracy"],
        numeric: [0, 1, 2, 3, 4],
        rows: epochs.map((row) => [
          count(row.epoch + 1),
          row.train_loss.toFixed(4),
          percent(row.train_accuracy, 2),
          row.validation_loss === null ? "–" : row.validation_loss.toFixed(4),
          row.validation_accuracy === null ? "–" : percent(row.validation_accuracy, 2),
        ]),
        source,
      },
    },
  ];
}
