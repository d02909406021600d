import { listLeftOut } from "../../data/left_out.ts";
import { datasetInWords } from "./dataset_words.ts";
import { sayDuplicates } from "./duplicates.ts";
import { expectations, patchesOf } from "./expected.ts";
import type { DatasetFile } from "./files.ts";

const CHANNELS = ["red", "green", "blue"];
/** Data sets that are called as they stand in the config. */
const NAMED = new Set(["cifar10", "imagefolder", "parquet"]);
/** Data sets that a bad image can be in without being a file of a folder. */
const IN_FILES = new Set(["csv", "jsonl", "webdataset"]);

/**
 * `description.md`: what resizing and normalising are, and what they did to these images. Every
 * number comes from `dataset.json`.
 *
 * @param drawn Whether a split was drawn from the training images, or came with the data set.
 */
export function describe(
  dataset: DatasetFile,
  drawn: { readonly validation: boolean; readonly test: boolean },
): string {
  const { sizes, stored, transform, statistics: { before, after }, classes } = dataset;
  const [height, width] = transform.image_size;
  const total = sizes.train + sizes.validation + sizes.test;
  return `# The images: ${NAMED.has(dataset.name) ? dataset.name : datasetInWords(dataset.name)}

${images(total)} in ${counted(classes.length, "class", "classes")} (${list(classes)}), split into
${count(sizes.train)} for training, ${count(sizes.validation)} for validation and ${
    count(sizes.test)
  } for the test. ${splitting(dataset, drawn)} No test image is seen before the last measurement.${
    cameFrom(dataset)
  }
${repeated(dataset)}${leftOut(dataset)}
## Resizing

${resizing(dataset)}

## Rescaling and normalising

Both change the numbers that stand for a colour, not the picture: pixels become values around 0 of the size of 1, alike in
all channels, as the layers of the model need them. A stored pixel is a whole number from 0 to 255. ${
    rescaling(transform.rescale_factor)
  }
Normalising then subtracts a mean and divides by a deviation, channel by channel: x' = (x * ${
    factor(transform.rescale_factor)
  } - mean) / deviation,
with mean ${list(transform.mean.map(number))} and deviation ${
    list(transform.std.map(number))
  } for ${list(CHANNELS)}. A pretrained model needs the
values that it was trained with: its first layer has learned weights for pixels on that scale, and others would shift every activation.

For example, a red value of 128 becomes (128 * ${factor(transform.rescale_factor)} - ${
    number(transform.mean[0])
  }) / ${number(transform.std[0])} = ${
    number((128 * transform.rescale_factor - transform.mean[0]) / transform.std[0])
  }.

## What the model expects, and where that is written

${expectations(transform, { number, factor })}

## Before and after

Measured on the ${
    counted(sizes.train, "training image")
  }: before is what is stored (${stored.height} x ${stored.width} pixels, 0 to 255),
after is what the model gets (${height} x ${width} pixels, normalised).

| channel | mean before | deviation before | smallest and largest before | mean after | deviation after | smallest and largest after |
| --- | --- | --- | --- | --- | --- | --- |
${
    CHANNELS.map((channel, c) =>
      `| ${channel} | ${number(before.mean[c])} | ${number(before.std[c])} | ${
        number(before.minimum[c])
      } to ${number(before.maximum[c])} | ${number(after.mean[c])} | ${number(after.std[c])} | ${
        number(after.minimum[c])
      } to ${number(after.maximum[c])} |`
    ).join("\n")
  }

${reading(dataset)}
`;
}

/** What public data set it is, or which part of a folder of parquet files; a sentence with a space. */
function cameFrom({ origin }: DatasetFile): string {
  if (!origin) return "";
  const { repository, config, splits, license } = origin;
  const what = repository === undefined
    ? "They come from a folder of parquet files"
    : `They come from the data set [${repository}](https://huggingface.co/datasets/${repository})`;
  const named = Object.entries(splits).map(([role, split]) =>
    role === split ? split : `${split} for ${role}`
  );
  const terms = license === undefined ? "its card names no licence" : `licence: ${license}`;
  return ` ${what} (config ${config}; ${named.length === 1 ? "split" : "splits"} ${
    list(named)
  }; ${terms}).`;
}

/** Broken images that are named in the text; dataset.json has all. */
const MOST_LISTED = 20;

function leftOut({ name, skipped, left_out }: DatasetFile): string {
  const parts: string[] = [];
  if (skipped) {
    const more = skipped.count - MOST_LISTED;
    const listed = skipped.images.slice(0, MOST_LISTED)
      .map(({ path, reason }) => `- \`${path}\`: ${reason}`);
    parts.push(
      `${images(skipped.count)} of the ${
        IN_FILES.has(name) ? "data set" : "folder"
      } can't be read, and ${skipped.count === 1 ? "is" : "are"} in no split:

${listed.join("\n")}
${more > 0 ? `- and ${count(more)} more, which dataset.json lists\n` : ""}`,
    );
  }
  if (left_out) {
    const total = Object.values(left_out).reduce((a, b) => a + b, 0);
    parts.push(
      `${counted(total, "file")} of the folder ${
        total === 1
          ? "is of a kind that is not read as an image"
          : "are of kinds that are not read as images"
      }: ${listLeftOut(left_out)}.\n`,
    );
  }
  return parts.length === 0 ? "" : `\n## Left out\n\n${parts.join("\n")}`;
}

/** Whether images are there more than once. */
function repeated({ duplicates }: DatasetFile): string {
  if (!duplicates) return "";
  const found = sayDuplicates(duplicates);
  if (found.length === 0) {
    return `No picture is in two splits, and none is a training image of two classes: pixel by pixel, as the images are
stored.
`;
  }
  return `
## The same picture more than once

Compared pixel by pixel, as the images are stored:

${found.map(([, text]) => `- ${text}`).join("\n")}
${
    duplicates.test_in_train + duplicates.test_in_validation > 0
      ? "\nThe test accuracy counts these as if they were new.\n"
      : ""
  }`;
}

function splitting(
  { sizes }: DatasetFile,
  { validation, test }: { readonly validation: boolean; readonly test: boolean },
): string {
  const the = (n: number, split: string) =>
    n === 1 ? `The 1 ${split} image is` : `The ${count(n)} ${split} images are`;
  const part = (split: string, n: number) =>
    `${
      the(n, split)
    } drawn from the rest by the seed, stratified: each class has the same share in both, to within one image.`;
  return [
    sizes.validation === 0
      ? "There are 0 validation images: nothing is held back."
      : validation
      ? part("validation", sizes.validation)
      : `${the(sizes.validation, "validation")} the data set's own.`,
    test && sizes.test > 0
      ? part("test", sizes.test)
      : `${the(sizes.test, "test")} the data set's own.`,
  ].join(" ");
}

function resizing({ stored, transform }: DatasetFile): string {
  const { image_size: [height, width], resize, crop, resample, applied } = transform;
  const target = "shortest_edge" in resize
    ? `until its shorter side has ${resize.shortest_edge} pixels`
    : `to ${resize.height} x ${resize.width} pixels`;
  const cut = crop ? `, and the middle ${height} x ${width} pixels are cut out` : "";
  const how =
    `is resized ${target} with the ${resample} filter, exactly as Pillow does it${cut}. The model gets ${height} x ${width} pixels`;
  if (applied) {
    return `The files may have any size. When they are read, each ${how}. They are stored like that.${
      patchesOf(transform)
    }`;
  }
  const scale = "shortest_edge" in resize
    ? (resize.shortest_edge / Math.min(stored.height, stored.width)) ** 2
    : (resize.height * resize.width) / (stored.height * stored.width);
  return `Every image is ${stored.height} x ${stored.width} pixels. On its way into the model each ${how}. ${
    growth(scale)
  }${patchesOf(transform)}`;
}

/** @param scale Pixels after resizing for each one before. */
function growth(scale: number): string {
  if (Math.abs(scale - 1) < 1e-9) return "The number of pixels stays as it is.";
  return scale > 1
    ? `Each stored pixel becomes ${
      number(scale)
    } pixels: that adds no detail, it puts what is there at the scale that the model knows.`
    : `${
      number(1 / scale)
    } stored pixels become one, each weighted by its distance: fine detail is lost.`;
}

function rescaling(by: number): string {
  return by === 1
    ? "It is not rescaled (it is multiplied by 1)."
    : `Rescaling multiplies it by ${factor(by)}, so that it lies between 0 and ${
      number(255 * by)
    }.`;
}

function reading({ statistics: { before, after }, transform }: DatasetFile): string {
  const farthest = after.mean.map(Math.abs).indexOf(Math.max(...after.mean.map(Math.abs)));
  const spread = before.std.map((deviation, c) =>
    after.std[c] * transform.std[c] / (deviation * transform.rescale_factor)
  );
  const change = 100 * (spread.reduce((a, b) => a + b) / 3 - 1);
  // Stored images that have been resized already say nothing of what resizing did.
  const resized = transform.applied || !Number.isFinite(change)
    ? ""
    : Math.abs(change) < 0.05
    ? " Resizing left the spread of the values as it was."
    : ` Resizing alone changed the spread of the values by ${
      change.toFixed(1)
    }% (a filter averages neighbours).`;
  const { rescale_factor: by, mean, std } = transform;
  const moved = (before.mean[0] * by - mean[0]) / std[0];
  return `The mean of red, ${number(before.mean[0])}, becomes (${number(before.mean[0])} * ${
    factor(by)
  } - ${number(mean[0])}) / ${number(std[0])} = ${number(moved)} by rescaling and normalising${
    transform.applied ? "" : "; resized first, and rounded to whole pixel values, that is"
  }${transform.applied ? "." : ` ${number(after.mean[0])}.`} Its deviation, ${
    number(before.std[0])
  }, is now ${number(after.std[0])}.
The channel farthest from 0 after normalising is ${CHANNELS[farthest]}, with a mean of ${
    number(after.mean[farthest])
  }.${resized}
Normalising moves and stretches the values but keeps their order and their shape, as the histograms show.`;
}

const count = (n: number) => n.toLocaleString("en-GB");
const counted = (n: number, one: string, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;
const images = (n: number) => counted(n, "image");
const number = (x: number) => String(Number(x.toPrecision(4)));
const factor = (x: number) => Math.abs(x * 255 - 1) < 1e-12 ? "1/255" : number(x);

function list(items: readonly (string | number)[]): string {
  if (items.length > 12) return `${items.slice(0, 10).join(", ")} and ${items.length - 10} more`;
  return items.length < 2
    ? items.join("")
    : `${items.slice(0, -1).join(", ")} and ${items[items.length - 1]}`;
}
