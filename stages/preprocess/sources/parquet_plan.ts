import { z } from "zod";
import { digestOf } from "../../../base/digest.ts";
import { sentenceOf } from "../../../base/errors.ts";
import { isImageName } from "../../../data/image_format.ts";
import { sorted } from "../../../data/imagefolder_list.ts";
import type { OutsideFiles, PlanView } from "../../stage.ts";
import { locateParquet } from "./parquet_locate.ts";
import type { PlannedDataset } from "./planned.ts";

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

/** Which splits there are, by names alone: no parquet file is opened. */
export async function planParquet(
  dataset: ParquetDatasetParams,
  view: PlanView,
): Promise<PlannedDataset> {
  const plan = { called: "the data set", files: true, fixedTest: false };
  try {
    const { splits } = await locateParquet(dataset, (path) => view.resolve(path));
    return {
      ...plan,
      own: { validation: splits.validation !== undefined, test: splits.test !== undefined },
    };
  } catch (error) {
    view.problem("dataset.parquet", sentenceOf(error));
    return plan;
  }
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
