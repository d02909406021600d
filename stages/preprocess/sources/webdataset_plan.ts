import { join } from "node:path";
import { z } from "zod";
import { exists } from "../../../base/exists.ts";
import { sorted } from "../../../data/imagefolder_list.ts";
import { findShards, type Shards } from "../../../data/webdataset/shards.ts";
import type { OutsideFiles, PlanView } from "../../stage.ts";
import { type PlannedDataset, reportMistake } from "./planned.ts";

const name = z.string().min(1);
const shards = name.optional();

export const webdatasetSchema = z.strictObject({
  webdataset: name.describe(
    "Tar shards: a folder of *.tar, one shard, or a pattern such as PATH/train-{000..009}.tar",
  ),
  image: name.optional().describe(
    "Endings of images, with semicolons between; default: jpg;jpeg;png;webp;bmp;gif;tif;tiff;avif",
  ),
  label: z.string().regex(/^[^:;]+(:.+)?$/, "ENDING, or json:FIELD").optional()
    .describe("Ending of labels (cls, txt), or json:FIELD; default: cls"),
  train: shards.describe("Shards to train on, in that folder; default: told by their names"),
  validation: shards.describe("Shards to validate on"),
  test: shards.describe("Shards to test on"),
});
export type WebdatasetParams = z.infer<typeof webdatasetSchema>;

/** File beside the shards with the classes in order of their index, a line each. */
export const CLASSES_FILE = "classes.txt";

/** Finds the shards by their names. @throws {UserError} */
export function locateShards(
  { webdataset, train, validation, test }: WebdatasetParams,
  resolve: (path: string) => string,
): Shards {
  const shown = webdataset.replace(/\/+$/, "");
  return findShards(resolve(shown), shown, { train, validation, test });
}

/** Which splits there are, by names alone: no shard is opened. */
export function planWebdataset(dataset: WebdatasetParams, view: PlanView): PlannedDataset {
  const plan = { called: "the data set", files: true, fixedTest: false };
  try {
    const { splits } = locateShards(dataset, (path) => view.resolve(path));
    return {
      ...plan,
      own: { validation: splits.validation !== undefined, test: splits.test !== undefined },
    };
  } catch (error) {
    reportMistake(view, dataset, "webdataset", error);
    return plan;
  }
}

/** The shards count by their bytes and their names in the folder, wherever that lies. */
export function webdatasetFiles(
  dataset: WebdatasetParams,
  view: PlanView,
): Record<string, OutsideFiles> {
  const { root, splits } = locateShards(dataset, (path) => view.resolve(path));
  const files = Object.values(splits).flat();
  if (exists(join(root, CLASSES_FILE))) files.push(CLASSES_FILE);
  return { "dataset.webdataset": { root, files: sorted([...new Set(files)]) } };
}
