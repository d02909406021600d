import { RESAMPLE_NAMES } from "../../data/resample_filters.ts";
import type { DatasetFile } from "../preprocess/files.ts";

/**
 * preprocessor_config.json for a model that has been fitted to a data set: what preprocess does to
 * its images, in Hugging Face's words, so that whoever loads the model feeds it the same.
 *
 * @param own The model's file as it was; keys that say nothing of this are kept.
 */
export function preprocessorJson(
  own: Readonly<Record<string, unknown>>,
  { image_size: [height, width], resample, resize, crop, rescale_factor, mean, std }:
    DatasetFile["transform"],
): Record<string, unknown> {
  const { feature_extractor_type: _, crop_size: __, ...kept } = own;
  return {
    ...kept,
    image_processor_type: processorClass(resize, crop),
    do_resize: true,
    size: resize,
    resample: RESAMPLE_NAMES.indexOf(resample),
    do_center_crop: crop,
    ...(crop ? { crop_size: { height, width } } : {}),
    do_rescale: true,
    rescale_factor,
    do_normalize: true,
    image_mean: mean,
    image_std: std,
  };
}

/**
 * The class that does all of it in any version of transformers. In 5.18 each of the three does what
 * its file says; in 4.57 ViTImageProcessor crops nothing, without a word, and neither it nor
 * DeiTImageProcessor takes a shortest edge.
 */
function processorClass(resize: DatasetFile["transform"]["resize"], crop: boolean): string {
  if ("shortest_edge" in resize) return "BitImageProcessor";
  return crop ? "DeiTImageProcessor" : "ViTImageProcessor";
}
