import { count, counted, percent } from "../../figures/figure.ts";
import { wilson } from "../../figures/class_accuracy.ts";
import { metricsFile } from "../../stages/evaluate/files.ts";
import { trainableFile } from "../../stages/freeze/files.ts";
import { parametersFile } from "../../stages/load-pretrained/files.ts";
import { datasetFile } from "../../stages/preprocess/files.ts";
import { historyFile } from "../../stages/train/files.ts";
import { attentionFile } from "../../stages/visualize/files.ts";
import type { Block } from "./document.ts";
import type { StageView } from "./read.ts";

/** A part of the report: the stages of one kind. */
export interface Chapter {
  readonly kind: string;
  readonly title: string;
  /** What is said of such a stage before its figures and its own texts. */
  readonly tell?: (stage: StageView) => Block[];
}

/** The chapters in the order of the exercise. */
export const CHAPTERS: readonly Chapter[] = [
  { kind: "worked-example", title: "Theory by hand (1)" },
  { kind: "preprocess", title: "Data (2a)", tell: tellData },
  { kind: "load-pretrained", title: "Model (2b)", tell: tellModel },
  { kind: "freeze", title: "Freezing (2c)", tell: tellFreezing },
  { kind: "train", title: "Training, epoch by epoch (2d)", tell: tellTraining },
  { kind: "evaluate", title: "Test (2e)", tell: tellTest },
  { kind: "visualize", title: "Attention (2f)", tell: tellAttention },
];

function tellData(stage: StageView): Block[] {
  const data = stage.json("dataset.json", datasetFile);
  if (!data) return [];
  const { sizes, stored, transform, statistics: { before, after } } = data;
  const channels = ["red", "green", "blue"];
  return [
    facts([
      ["Data set", data.name],
      ["Classes", `${data.classes.length}: ${listed(data.classes, 12)}`],
      [
        "Images",
        `${count(sizes.train)} train, ${count(sizes.validation)} validation, ${
          count(sizes.test)
        } test`,
      ],
      ["Stored", `${stored.height} × ${stored.width} pixels`],
      [
        "Model input",
        `${transform.image_size.join(" × ")} pixels (${transform.resample}), ` +
        `mean ${transform.mean.map(short).join(", ")}, deviation ${
          transform.std.map(short).join(", ")
        }`,
      ],
    ]),
    {
      type: "table",
      table: {
        caption: "Channels over the training images: stored pixels, and what the model gets",
        head: ["Channel", "Mean before", "Deviation before", "Mean after", "Deviation after"],
        numeric: [1, 2, 3, 4],
        rows: channels.map((channel, c) => [
          channel,
          before.mean[c].toFixed(2),
          before.std[c].toFixed(2),
          after.mean[c].toFixed(4),
          after.std[c].toFixed(4),
        ]),
      },
    },
  ];
}

function tellModel(stage: StageView): Block[] {
  const model = stage.json("parameters.json", parametersFile);
  if (!model) return [];
  const { architecture: a, head } = model;
  return [
    facts([
      ["Model", `${String(stage.parameters.model ?? "")} (${model.family})`],
      ["Parameters", count(model.total)],
      ["Input", `${a.image_size.join(" × ")} pixels in patches of ${a.patch_size.join(" × ")}`],
      ["Tokens", `${a.tokens} (class token and patches)`],
      ["Blocks", `${a.blocks}, each with ${counted(a.heads, "head")}`],
      ["Width", `${count(a.hidden_size)}, MLP ${count(a.intermediate_size)} (${a.hidden_act})`],
      ["Head", `${head.source}, ${head.classes} classes`],
    ]),
    {
      type: "table",
      table: {
        caption: "Parameters by part, from the input up",
        head: ["Part", "Tensors", "Parameters"],
        numeric: [1, 2],
        rows: model.parts.map((part) => [part.name, count(part.tensors), count(part.parameters)]),
        folded: true,
      },
    },
  ];
}

function tellFreezing(stage: StageView): Block[] {
  const file = stage.json("trainable.json", trainableFile);
  if (!file) return [];
  const total = Math.max(1, file.frozen + file.trainable);
  const { features } = file;
  return [facts([
    ["Frozen", `${count(file.frozen)} parameters`],
    ["Trainable", `${count(file.trainable)} (${percent(file.trainable / total)})`],
    [
      "Features",
      features === null
        ? `none: ${file.reason}`
        : `${count(features.images)} × ${features.tokens} × ${features.width} in ` +
          `${features.dtype}, computed once through ${counted(features.blocks, "block")}`,
    ],
  ])];
}

function tellTraining(stage: StageView): Block[] {
  const history = stage.json("history.json", historyFile);
  if (!history) return [];
  const { epochs, steps, published_epoch: published } = history;
  if (epochs.length === 0) return [{ type: "text", text: "No epoch was trained." }];
  return [
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
          String(row.epoch + 1),
          row.train_loss.toFixed(4),
          percent(row.train_accuracy, 2),
          row.validation_loss === null ? "–" : row.validation_loss.toFixed(4),
          row.validation_accuracy === null ? "–" : percent(row.validation_accuracy, 2),
        ]),
      },
    },
  ];
}

function tellTest(stage: StageView): Block[] {
  const metrics = stage.json("metrics.json", metricsFile);
  if (!metrics || metrics.images === 0) return [];
  const correct = metrics.per_class.reduce((sum, row) => sum + row.correct, 0);
  const [low, high] = wilson(correct, metrics.images);
  return [
    facts([
      [
        "Accuracy",
        `${percent(metrics.accuracy, 2)} (${count(correct)} of ${count(metrics.images)}; ` +
        `95% interval ${percent(low, 2)} to ${percent(high, 2)})`,
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
      },
    },
  ];
}

function tellAttention(stage: StageView): Block[] {
  const file = stage.json("attention.json", attentionFile);
  if (!file) return [];
  return [{
    type: "text",
    text: `The class token's attention on ${counted(file.images.length, "test image")}: in the ` +
      `last of ${file.blocks} blocks by head, and the rollout over all of them (Abnar and ` +
      `Zuidema 2020). Distance and entropy are means over ${counted(file.measured, "test image")}.`,
  }];
}

function facts(items: readonly (readonly [string, string])[]): Block {
  return { type: "facts", items };
}

/** The first items, and how many more there are. */
function listed(items: readonly string[], most: number): string {
  if (items.length <= most) return items.join(", ");
  return `${items.slice(0, most - 2).join(", ")} and ${items.length - most + 2} more`;
}

const short = (x: number) => String(Number(x.toPrecision(4)));
