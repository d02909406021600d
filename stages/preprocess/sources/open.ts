import { openCifarHundred, openCifarTen } from "./cifar.ts";
import { openHuggingface } from "./huggingface.ts";
import { openImageFolder } from "./imagefolder.ts";
import { openParquetFolder } from "./parquet.ts";
import { openTableImages } from "./table.ts";
import { isTable } from "./table_plan.ts";
import { openWebdataset } from "./webdataset.ts";
import type { Context, Sources } from "./source.ts";

export type { ImageRows, ImageSource, Sources } from "./source.ts";

/** Opens what the config names. */
export async function openSources(context: Context): Promise<Sources> {
  const { dataset } = context.params;
  if (dataset === "cifar10") return await openCifarTen(context);
  if (dataset === "cifar100") return await openCifarHundred(context, "fine");
  if ("cifar100" in dataset) return await openCifarHundred(context, dataset.cifar100);
  if ("parquet" in dataset) return await openParquetFolder(context, dataset);
  if ("huggingface" in dataset) return await openHuggingface(context, dataset);
  if ("webdataset" in dataset) return await openWebdataset(context, dataset);
  if (isTable(dataset)) return await openTableImages(context, dataset);
  return await openImageFolder(context, dataset.imagefolder);
}
