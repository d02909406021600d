import { counted, percent, rounded } from "../../figures/figure.ts";
import { wilson } from "../../base/statistics.ts";
import type { Artifact, Finding } from "../stage.ts";
import { sayDuplicates } from "./duplicates.ts";
import { type DatasetFile, datasetFile, SPLITS } from "./files.ts";

/** A class with so many times the training images of another is said to have more. */
const UNEVEN = 1.5;
/** Fewer training images of a class than this are few. */
const FEW = 20;
/** Half of a 95% interval at an accuracy of one half, from which on a split is said to be small. */
const WIDE = 0.05;
/** A channel's mean so many grey levels from the mean of all three has a cast. */
const CAST = 20;
/** Channels whose means and deviations are all within so many grey levels are one. */
const SAME = 0.01;
/** What the model gets should have a mean within, and a deviation between, these. */
const MEAN_AFTER = 1;
const DEVIATION_AFTER = [0.25, 2] as const;
/** Of 256 grey levels; images that use less of them have little contrast. */
const NARROW = 128;

const CHANNELS = ["red", "green", "blue"];

/** What is particular to the images; rules and thresholds stand in docs/findings.md. */
export async function findings(artifact: Artifact): Promise<Finding[]> {
  return findingsOf(await artifact.json("dataset.json", datasetFile));
}

/** The same of a data set. */
export function findingsOf(dataset: DatasetFile): Finding[] {
  return [balance, fewImages, smallSplits, repeated, channels, transformed]
    .flatMap((rule) => rule(dataset));
}

function balance({ classes, splits: { train }, sizes }: DatasetFile): Finding[] {
  const [most, least] = [Math.max(...train), Math.min(...train)];
  if (most < UNEVEN * least || most === 0) return [];
  const [large, small] = [train.indexOf(most), train.indexOf(least)];
  const times = least === 0 ? "" : `, ${rounded(most / least, 2)} times as many`;
  return [{
    rule: "class-imbalance",
    text:
      `The classes are uneven: ${classes[large]} has ${counted(most, "training image")}, ${
        classes[small]
      } has ${counted(least, "image")}${times}. Always answering "${
        classes[large]
      }" would be right ` +
      `in ${percent(most / sizes.train)} of the training images.`,
    value: least === 0 ? undefined : most / least,
    of: sizes.train,
    figure: "class-balance",
    source: `dataset.json#/splits/train/${large}`,
  }];
}

function fewImages({ classes, splits: { train } }: DatasetFile): Finding[] {
  const few = train.filter((images) => images < FEW).length;
  if (few === 0) return [];
  const least = train.indexOf(Math.min(...train));
  return [{
    rule: "few-images",
    text: `${counted(few, "class has", "classes have")} fewer than ${FEW} training images; the ` +
      `fewest has ${classes[least]}, ${counted(train[least], "image")}.`,
    value: few,
    of: classes.length,
    figure: "class-balance",
    source: `dataset.json#/splits/train/${least}`,
  }];
}

function smallSplits({ sizes }: DatasetFile): Finding[] {
  return (["validation", "test"] as const).flatMap((split): Finding[] => {
    const images = sizes[split];
    if (images === 0) return [];
    const [low, high] = wilson(images / 2, images);
    const half = (high - low) / 2;
    if (half <= WIDE) return [];
    return [{
      rule: "small-split",
      text: `With ${counted(images, `${split} image`)} an accuracy near 50% is known to within ${
        (100 * half).toFixed(1)
      } points either way (95%): of two models that differ by less, only which images each gets right can say which is better.`,
      value: half,
      of: images,
      source: `dataset.json#/sizes/${split}`,
    }];
  });
}

function repeated({ duplicates, sizes }: DatasetFile): Finding[] {
  if (duplicates === undefined) return [];
  return sayDuplicates(duplicates).map(([field, text]) => ({
    rule: "repeated-images",
    text: `${text}.`,
    value: duplicates[field],
    of: SPLITS.reduce((sum, split) => sum + sizes[split], 0),
    source: `dataset.json#/duplicates/${field}`,
  }));
}

/** Grey images, a cast of colour, little contrast: of the images as they are stored. */
function channels({ statistics: { before }, sizes }: DatasetFile): Finding[] {
  const about = { of: sizes.train, figure: "channel-histograms" };
  const within = (values: readonly number[]) => Math.max(...values) - Math.min(...values);
  const found: Finding[] = [];
  if (within(before.mean) < SAME && within(before.std) < SAME) {
    found.push({
      ...about,
      rule: "grey-images",
      text: `The three channels are alike (mean ${before.mean[0].toFixed(1)}, deviation ${
        before.std[0].toFixed(1)
      }): the images are grey, and colour can tell the model nothing.`,
      value: before.mean[0],
      source: "dataset.json#/statistics/before/mean",
    });
  }
  const all = before.mean.reduce((a, b) => a + b) / before.mean.length;
  const cast = before.mean.map((mean) => mean - all);
  const most = cast.reduce((a, b, i) => Math.abs(b) > Math.abs(cast[a]) ? i : a, 0);
  if (Math.abs(cast[most]) > CAST) {
    found.push({
      ...about,
      rule: "colour-cast",
      text: `The training images have a cast: the mean of ${CHANNELS[most]} is ${
        before.mean[most].toFixed(1)
      } of 255, ${Math.abs(cast[most]).toFixed(1)} ${
        cast[most] > 0 ? "above" : "below"
      } the mean of the three channels.`,
      value: cast[most],
      source: `dataset.json#/statistics/before/mean/${most}`,
    });
  }
  const [low, high] = [Math.min(...before.minimum), Math.max(...before.maximum)];
  if (high - low < NARROW) {
    found.push({
      ...about,
      rule: "little-contrast",
      text:
        `The stored pixels lie between ${low} and ${high} of 0 to 255: the images have little ` +
        "contrast, or hold something else than ordinary pictures.",
      value: high - low,
      source: "dataset.json#/statistics/before/minimum",
    });
  }
  return found;
}

/** What the model gets is far from what normalising aims at. */
function transformed({ statistics: { after }, transform, sizes }: DatasetFile): Finding[] {
  return CHANNELS.flatMap((channel, c): Finding[] => {
    const [mean, deviation] = [after.mean[c], after.std[c]];
    const [least, most] = DEVIATION_AFTER;
    if (Math.abs(mean) <= MEAN_AFTER && deviation >= least && deviation <= most) return [];
    return [{
      rule: "odd-normalisation",
      text: `After normalising with mean ${rounded(transform.mean[c], 4)} and deviation ${
        rounded(transform.std[c], 4)
      }, ${channel} has a mean of ${mean.toFixed(2)} and a deviation of ${
        deviation.toFixed(2)
      }: far from the 0 and 1 that normalising aims at, and from what the model was trained with.`,
      value: mean,
      of: sizes.train,
      figure: "channel-histograms",
      source: `dataset.json#/statistics/after/mean/${c}`,
    }];
  });
}
