import { datasetInWords } from "../../../stages/preprocess/dataset_words.ts";
import { count, counted } from "../../../figures/figure.ts";
import { type DatasetFile, datasetFile } from "../../../stages/preprocess/files.ts";
import type { Block } from "../document.ts";
import type { StageView } from "../read.ts";
import {
  type Chapter,
  facts,
  figuresOf,
  filesOf,
  findingsOf,
  listed,
  short,
  textsOf,
} from "./chapter.ts";

/** 2a: the images, and what is done to them. */
export const data: Chapter = {
  id: "2a",
  title: "2a. Data: resized and normalised",
  question: "Which images are these, and how are they resized and normalised?",
  kinds: ["preprocess"],
  tell: (stage) => [
    ...tellData(stage),
    ...figuresOf(stage),
    ...findingsOf(stage),
    ...textsOf(stage),
    ...filesOf(stage, "dataset.json"),
  ],
};

function tellData(stage: StageView): Block[] {
  const file = stage.json("dataset.json", datasetFile);
  if (!file) return [];
  const { sizes, statistics: { before, after } } = file;
  const source = `${stage.name}/dataset.json`;
  return [
    { type: "answer", text: answer(file), source },
    facts(stage, "dataset.json", [
      ["Data set", file.name === "cifar10" ? file.name : datasetInWords(file.name)],
      ...(file.origin
        ? [
          [
            "Config and splits",
            `${file.origin.config}: ${Object.values(file.origin.splits).join(", ")}`,
          ] as const,
          ["Licence", file.origin.license ?? "none named"] as const,
        ]
        : []),
      ["Classes", `${file.classes.length}: ${listed(file.classes, 12)}`],
      [
        "Images",
        `${count(sizes.train)} train, ${count(sizes.validation)} validation, ${
          count(sizes.test)
        } test`,
      ],
      ["Stored", `${file.stored.height} × ${file.stored.width} pixels`],
    ]),
    {
      type: "table",
      table: {
        caption: "Channels over the training images: stored pixels, and what the model gets",
        head: ["Channel", "Mean before", "Deviation before", "Mean after", "Deviation after"],
        numeric: [1, 2, 3, 4],
        rows: ["red", "green", "blue"].map((channel, c) => [
          channel,
          before.mean[c].toFixed(2),
          before.std[c].toFixed(2),
          after.mean[c].toFixed(4),
          after.std[c].toFixed(4),
        ]),
        source,
      },
    },
  ];
}

function answer({ classes, sizes, stored, transform }: DatasetFile): string {
  const { image_size: [height, width], resample, mean, std, rescale_factor } = transform;
  const resized = transform.applied
    ? `resized to ${height} × ${width} pixels (${resample})`
    : `resized from ${stored.height} × ${stored.width} to ${height} × ${width} pixels (${resample})`;
  return `${counted(sizes.train + sizes.validation + sizes.test, "image")} of ${
    counted(classes.length, "class", "classes")
  }, each ${resized}${transform.crop ? ", cut at the centre" : ""}, multiplied by ${
    short(rescale_factor)
  } (from 0 to 255 down to 0 to 1) and normalised channel by channel: mean ${
    mean.map(short).join(", ")
  } is subtracted, and the result divided by ${std.map(short).join(", ")}.`;
}
