import { join } from "node:path";
import { messageOf, UserError } from "../../../base/errors.ts";
import { quoted } from "../../../base/printable.ts";
import { BrokenImage } from "../../../data/imagefolder.ts";
import { classesOf, emptyClass, type SplitName } from "../../../data/labels.ts";
import { type Sample, type SampleForm, samplesOf } from "../../../data/webdataset/samples.ts";
import { readAt } from "../../../data/webdataset/tar_index.ts";
import { openDecoded } from "./decoded.ts";
import { resolveIn } from "./paths.ts";
import type { Context, ListedImages, SkippedImage, Sources } from "./source.ts";
import { CLASSES_FILE, locateShards, type WebdatasetParams } from "./webdataset_plan.ts";

/** Samples that are named in one message. */
const MOST_NAMED = 4;
const IMAGES = "jpg;jpeg;png;webp;bmp;gif;tif;tiff;avif";

interface InShard extends Sample {
  readonly shard: string;
}

/**
 * Opens tar shards in WebDataset's form. Their headers and labels are read once; an image is read
 * from its place when its turn comes. Nothing is unpacked: names of members are never paths.
 */
export async function openWebdataset(
  context: Context,
  dataset: WebdatasetParams,
): Promise<Sources> {
  const { params, project, report, signal } = context;
  const { root, shown, splits } = locateShards(dataset, (path) => resolveIn(project, path));
  report.record("source", root);
  const showShard = (shard: string) => shown === "" ? shard : `${shown}/${shard}`;
  const form = formOf(dataset);
  const bad: SkippedImage[] = [];
  const found = new Map<SplitName, InShard[]>();
  const all = Object.values(splits).flat().length;
  let done = 0;
  for (const [split, shards] of Object.entries(splits) as [SplitName, string[]][]) {
    const samples: InShard[] = [];
    for (const shard of shards) {
      signal.throwIfAborted();
      using file = Deno.openSync(join(root, shard));
      try {
        for (const sample of samplesOf(file, form)) {
          if ("reason" in sample) {
            bad.push({ path: `${shard}: ${sample.name}`, reason: sample.reason });
          } else samples.push({ ...sample, shard });
        }
      } catch (cause) {
        if (!(cause instanceof RangeError)) throw cause;
        throw new UserError(`Cannot read ${showShard(shard)}: ${messageOf(cause)}`, {
          hint: "A shard is a tar archive of regular files; make or fetch it again",
          cause,
        });
      }
      report.progress(++done, all, "shards", "indexing");
      await Promise.resolve();
    }
    found.set(split, samples);
  }
  const classes = readClasses(join(root, CLASSES_FILE)) ??
    classesOf([...found.values()].flatMap((samples) => [...new Set(samples.map((s) => s.label))]));
  const indexOf = labelIndex(classes, [...found.values()]);
  const listed = (split: SplitName): ListedImages | undefined => {
    const samples = found.get(split)?.filter((sample) => {
      const known = indexOf(sample.label) !== undefined;
      if (!known) {
        const reason = `its label ${quoted(sample.label)} is none of ${CLASSES_FILE}`;
        bad.push({ path: `${sample.shard}: ${sample.name}`, reason });
      }
      return known;
    });
    if (!samples || (samples.length === 0 && split !== "train")) return undefined;
    const placeOf = (row: number) => `${samples[row].shard}: ${samples[row].name}`;
    return {
      labels: Int32Array.from(samples, ({ label }) => indexOf(label)!),
      placeOf,
      input: (row) => ({
        shown: showShard(placeOf(row)),
        bytes: () => Promise.resolve().then(() => readMember(root, samples[row], placeOf(row))),
      }),
    };
  };
  const lists = { train: listed("train")!, validation: listed("validation"), test: listed("test") };
  if (bad.length > 0 && params.on_bad_image !== "skip") throw badSamples(bad, showShard);
  if (bad.length > 0) {
    report.warn(`left out ${sayBad(bad, showShard)}; dataset.json lists them`);
  }
  const empty = emptyClass(classes, lists.train.labels);
  if (lists.train.labels.length === 0 || empty !== undefined) {
    throw new UserError(
      empty === undefined
        ? `Cannot find any images to train on in ${dataset.webdataset}`
        : `Cannot use ${dataset.webdataset}: class ${quoted(empty)} has no image to train on`,
    );
  }
  return await openDecoded(context, {
    name: "webdataset",
    called: "the data set",
    shown: dataset.webdataset,
    container: "the shard",
    classes,
    splits: lists,
    skipped: bad,
  });
}

function formOf({ image = IMAGES, label = "cls" }: WebdatasetParams): SampleForm {
  const endings = image.toLowerCase().split(";").map((one) => one.trim().replace(/^\./, ""));
  const [ending, ...field] = label.split(":");
  return {
    image: endings.filter((one) => one !== ""),
    label: ending.toLowerCase(),
    ...(field.length > 0 && { field: field.join(":") }),
  };
}

/** Reads one image. A shard that was cut since then is as a broken image. */
function readMember(root: string, { shard, offset, size }: InShard, shown: string) {
  using file = Deno.openSync(join(root, shard));
  try {
    return readAt(file, offset, size);
  } catch (cause) {
    throw new BrokenImage(shown, messageOf(cause), cause);
  }
}

function readClasses(path: string): string[] | undefined {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch {
    return undefined;
  }
  const names = text.replace(/^\ufeff/, "").split(/\r?\n/).map((line) => line.trim());
  const classes = names.filter((name) => name !== "");
  const twice = classes.find((name, i) => classes.indexOf(name) < i);
  if (twice !== undefined) {
    throw new UserError(`Cannot use ${CLASSES_FILE}: class ${quoted(twice)} stands there twice`);
  }
  return classes.length > 0 ? classes : undefined;
}

/** A label is the name of a class; where all are whole numbers and no names, a class's index. */
function labelIndex(classes: readonly string[], splits: readonly (readonly InShard[])[]) {
  const byName = new Map(classes.map((name, i) => [name, i]));
  const named = splits.some((samples) => samples.some(({ label }) => byName.has(label)));
  return (label: string): number | undefined => {
    if (named || !/^\d{1,9}$/.test(label)) return byName.get(label);
    return Number(label) < classes.length ? Number(label) : undefined;
  };
}

function badSamples(bad: readonly SkippedImage[], showShard: (shard: string) => string) {
  return new UserError(`Cannot use ${sayBad(bad, showShard)}`, {
    hint:
      "Mend the shards, or write on_bad_image: skip in preprocess, which leaves out and lists " +
      "all such samples",
  });
}

function sayBad(bad: readonly SkippedImage[], showShard: (shard: string) => string): string {
  const named = bad.slice(0, MOST_NAMED).map(({ path, reason }) =>
    `${showShard(path)} (${reason})`
  );
  const more = bad.length - MOST_NAMED;
  const count = bad.length === 1 ? "1 sample" : `${bad.length} samples`;
  return `${count}: ${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
