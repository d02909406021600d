import { findWeights } from "../../base/weight_files.ts";
import { isRecord, parseJson } from "../../base/json.ts";
import { openSafetensors } from "../../base/safetensors.ts";
import { MODEL } from "../load-pretrained/files.ts";
import { type DatasetFile, TEST } from "../preprocess/files.ts";
import type { Artifact } from "../stage.ts";
import type { MetricsFile } from "./files.ts";

/** What the folder `model/` of an artifact holds: its family, and how many parameters. */
export async function describeScored(artifact: Artifact): Promise<MetricsFile["model"]> {
  const json = parseJson(await Deno.readTextFile(artifact.file(`${MODEL}/config.json`)));
  const family = isRecord(json) ? json.model_type : undefined;
  if (typeof family !== "string" || family === "") return undefined;
  let parameters = 0;
  for (const name of findWeights(`${artifact.path}/${MODEL}`).weights) {
    using file = await openSafetensors(artifact.file(`${MODEL}/${name}`));
    for (const tensor of file.names) {
      parameters += file.info(tensor).shape.reduce((product, size) => product * size, 1);
    }
  }
  return { family, parameters };
}

/** By what one sees whether others were scored on the same images. */
export function describeTestImages(
  data: Artifact,
  { transform: { applied, image_size, resize, resample } }: DatasetFile,
): MetricsFile["test_images"] {
  return {
    digest: data.digest(TEST),
    resized: applied ? JSON.stringify({ image_size, resize, resample }) : null,
  };
}
