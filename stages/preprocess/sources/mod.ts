import { openCifar } from "./cifar10.ts";
import { openImageFolder } from "./imagefolder.ts";
import { openParquetFolder } from "./parquet.ts";
import type { Context, Sources } from "./source.ts";

export type { ImageRows, ImageSource, Sources } from "./source.ts";

/** Opens what the config names. */
export async function openSources(context: Context): Promise<Sources> {
  const { dataset } = context.params;
  if (dataset === "cifar10") return await openCifar(context);
  if ("parquet" in dataset) return await openParquetFolder(context, dataset);
  return await openImageFolder(context, dataset.imagefolder);
}
