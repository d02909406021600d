import { join } from "node:path";
import { z } from "zod";
import { digestOf } from "../../../base/digest.ts";
import { lazily } from "../../../base/lazy.ts";
import { isImageName } from "../../../data/image_format.ts";
import { sorted } from "../../../data/imagefolder_list.ts";
import type { OutsideFiles, PlanView } from "../../stage.ts";
import { locateOnHub } from "./huggingface_locate.ts";
import { type LocatedFolder, locateParquet } from "./parquet_locate.ts";
import { type PlannedDataset, reportMistake } from "./planned.ts";

/** It loads hyparquet, which other data sets do without. */
const READER = lazily<typeof import("../../../data/parquet/dataset.ts")>(
  "../../../data/parquet/dataset.ts",
  import.meta.url,
);

const name = z.string().min(1);

const columnsAndSplits = {
  config: name.optional().describe("Which of its configs; default: the only one, or its default"),
  image: name.optional().describe("Column of images, a.b where nested; default: the only Image"),
  label: name.optional().describe("Column of labels; default: the only ClassLabel"),
  train: name.optional().describe("Split to train on; default: train"),
  validation: name.optional().describe("Split to validate on; default: validation, val or dev"),
  test: name.optional().describe("Split to test on; default: test"),
};

export const parquetSchema = z.strictObject({
  parquet: name.describe("Folder in the Hub's layout: data/train-00000-of-00002.parquet, …"),
  ...columnsAndSplits,
});

export type ParquetDatasetParams = z.infer<typeof parquetSchema>;

export const huggingfaceSchema = z.strictObject({
  huggingface: name.describe("Data set on the Hugging Face Hub: owner/name"),
  revision: name.default("main").describe("A branch, a tag or a commit of it"),
  ...columnsAndSplits,
});

export type HuggingfaceParams = z.infer<typeof huggingfaceSchema>;

/**
 * Which splits there are, by names alone: none is fetched, and of a folder the first file is looked
 * into for its columns.
 */
export async function planParquet(
  dataset: ParquetDatasetParams | HuggingfaceParams,
  view: PlanView,
): Promise<PlannedDataset> {
  const plan = { called: "the data set", files: true, fixedTest: false };
  try {
    const { splits } = "parquet" in dataset
      ? await lookIntoFolder(dataset, view)
      : await locateOnHub(dataset);
    return {
      ...plan,
      own: { validation: splits.validation !== undefined, test: splits.test !== undefined },
    };
  } catch (error) {
    reportMistake(view, dataset, "parquet" in dataset ? "parquet" : "huggingface", error);
    return plan;
  }
}

async function lookIntoFolder(
  dataset: ParquetDatasetParams,
  view: PlanView,
): Promise<LocatedFolder> {
  const located = await locateParquet(dataset, (path) => view.resolve(path));
  const [name] = located.splits.train;
  const { readColumns } = await READER();
  const shown = `${dataset.parquet.replace(/\/+$/, "")}/${name}`;
  readColumns({ path: join(located.root, name), name, shown }, { ...dataset, ...located });
  return located;
}

/**
 * The parquet files of the splits that serve count by their bytes, and so do images beside them,
 * which rows may name. What the card says of them, and which file is of which split, counts as
 * `*card`.
 */
export async function parquetFiles(
  dataset: ParquetDatasetParams,
  view: PlanView,
): Promise<Record<string, OutsideFiles>> {
  const { root, splits, files, facts } = await locateParquet(
    dataset,
    (path) => view.resolve(path),
  );
  const digests = { "*card": await digestOf(facts) };
  const own = [...Object.values(splits).flat(), ...files.filter((file) => isImageName(file))];
  return { "dataset.parquet": { root, files: [...sorted(own), "*card"], digests } };
}

/**
 * The parquet files of a data set of the Hub that serve, by the digests that the Hub names. Neither
 * the commit nor the revision counts: a commit that changed only the text of the card runs nothing
 * again. Licence and name, which `dataset.json` tells, count as `*card`.
 */
export async function huggingfaceFiles(
  dataset: HuggingfaceParams,
): Promise<Record<string, OutsideFiles>> {
  const { hub, splits, facts } = await locateOnHub(dataset);
  const { digestsOf } = await import("../../../hub/mod.ts");
  const known = new Map(hub.files.map((file) => [file.name, file]));
  const used = sorted(Object.values(splits).flat()).map((name) => known.get(name)!);
  const digests: Record<string, string> = { "*card": await digestOf(facts) };
  for (const { name, sha256, etag } of await digestsOf(hub, used)) {
    digests[name] = sha256 ?? await digestOf(`git ${etag}`);
  }
  const files = { root: hub.folder, files: [...used.map(({ name }) => name), "*card"], digests };
  return { "dataset.huggingface": files, "dataset.revision": { ...files, files: ["*card"] } };
}
