import type { TransformOptions } from "../data/transform.ts";
import type { DatasetFile } from "./preprocess/files.ts";

/** What `dataset.json` says is still to be done to the stored images, in the words of data/. */
export function transformOf(
  { transform }: Pick<DatasetFile, "transform">,
): Omit<TransformOptions, "from"> {
  const { image_size: [height, width], resample, rescale_factor, mean, std } = transform;
  return {
    resize: transform.applied ? null : { ...transform.resize, resample },
    crop: transform.crop && !transform.applied ? { height, width } : null,
    rescale_factor,
    mean,
    std,
  };
}
