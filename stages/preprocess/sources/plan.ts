import { z } from "zod";
import type { OutsideFiles, PlanView } from "../../stage.ts";
import { cifar100Schema, cifarSchema, planCifar } from "./cifar_plan.ts";
import { imageFolderFiles, imageFolderSchema, planImageFolder } from "./imagefolder_plan.ts";
import {
  huggingfaceFiles,
  huggingfaceSchema,
  parquetFiles,
  parquetSchema,
  planParquet,
} from "./parquet_plan.ts";
import { csvSchema, isTable, jsonlSchema, planTable, tableFiles } from "./table_plan.ts";
import { planWebdataset, webdatasetFiles, webdatasetSchema } from "./webdataset_plan.ts";
import type { PlannedDataset } from "./planned.ts";

/** What may stand under `dataset`: one member a source. */
export const datasetSchema = z.union([
  cifarSchema,
  cifar100Schema,
  imageFolderSchema,
  csvSchema,
  jsonlSchema,
  webdatasetSchema,
  parquetSchema,
  huggingfaceSchema,
]);
export type Dataset = z.infer<typeof datasetSchema>;

/**
 * Looks at a data set for a plan; what is wrong with it is reported to the view.
 * @param skip Whether bad images are left out.
 */
export async function planDataset(
  dataset: Dataset,
  view: PlanView,
  skip: boolean,
): Promise<PlannedDataset> {
  if (typeof dataset === "string" || "cifar100" in dataset) return planCifar(dataset);
  if ("parquet" in dataset || "huggingface" in dataset) return await planParquet(dataset, view);
  if ("webdataset" in dataset) return planWebdataset(dataset, view);
  if (isTable(dataset)) return await planTable(dataset, view, skip);
  return await planImageFolder(dataset.imagefolder, view);
}

/** Names of the classes, where a plan can know them. Says nothing of what is wrong. */
export async function classesOf(
  dataset: Dataset,
  view: PlanView,
): Promise<readonly string[] | undefined> {
  const silent = {
    project: view.project,
    seed: view.seed,
    related: (kind: string) => view.related(kind),
    resolve: (path: string) => view.resolve(path),
    problem() {},
  };
  return (await planDataset(dataset, silent, true)).classes;
}

/** The files that a data set's images come from, by the parameter that names them. */
export async function datasetFiles(
  dataset: Dataset,
  view: PlanView,
): Promise<Record<string, OutsideFiles>> {
  if (typeof dataset === "string" || "cifar100" in dataset) return {};
  if ("parquet" in dataset) return await parquetFiles(dataset, view);
  if ("huggingface" in dataset) return await huggingfaceFiles(dataset);
  if ("webdataset" in dataset) return webdatasetFiles(dataset, view);
  if (isTable(dataset)) return await tableFiles(dataset, view);
  return await imageFolderFiles(dataset.imagefolder, view);
}
