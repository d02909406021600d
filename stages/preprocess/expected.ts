import { RESAMPLE_NAMES } from "../../data/resample_filters.ts";
import type { DatasetFile } from "./files.ts";

type Transform = DatasetFile["transform"];

/** How numbers are written where this text stands. */
export interface Written {
  readonly number: (x: number) => string;
  readonly factor: (x: number) => string;
}

/**
 * A table of what a model expects of an image: the value of this run, the file and field of the model
 * that has it, and the parameter of the config that comes first.
 */
export function expectations(transform: Transform, { number, factor }: Written): string {
  const { image_size, resize, crop, resample, rescale_factor, mean, std, patch_size } = transform;
  const rows = [
    [
      "size",
      sides(image_size),
      crop ? "`size` and `crop_size`" : "`size`",
      "`image_size`",
    ],
    [
      "resized",
      "shortest_edge" in resize
        ? `shorter side to ${resize.shortest_edge} pixels, and cut`
        : `to ${sides([resize.height, resize.width])}${crop ? ", and cut" : ""}`,
      "`do_resize`, `size`, `do_center_crop`",
      "`resize`",
    ],
    [
      "filter",
      resample,
      `\`resample\` (${RESAMPLE_NAMES.indexOf(resample)} is Pillow's number for it)`,
      "`resample`",
    ],
    ["factor", factor(rescale_factor), "`do_rescale`, `rescale_factor`", "`rescale_factor`"],
    [
      "mean of red, green, blue",
      mean.map(number).join(", "),
      "`do_normalize`, `image_mean`",
      "`normalize.mean`",
    ],
    ["deviation", std.map(number).join(", "), "`do_normalize`, `image_std`", "`normalize.std`"],
    ...(patch_size === undefined
      ? []
      : [["patch", sides(patch_size), "`patch_size` in config.json", "nothing"]]),
  ];
  return `What the config has under preprocess holds; what it leaves out is taken from the model that load-pretrained loads:
from the preprocessor_config.json beside its weights, but for what is in its config.json. (What the former leaves out,
the class of Hugging Face that it names fills in; where it leaves the size open, \`image_size\` in config.json has it.)

| what | in this run | where the model has it | what in preprocess comes first |
| --- | --- | --- | --- |
${rows.map((cells) => `| ${cells.join(" | ")} |`).join("\n")}

Every model that the run publishes has these values in its own preprocessor_config.json, so that whoever loads it treats
images alike.`;
}

/** What the size means for the model: the number of patches. */
export function patchesOf({ image_size: [height, width], patch_size }: Transform): string {
  if (patch_size === undefined) return "";
  const [rows, columns] = [height / patch_size[0], width / patch_size[1]];
  if (!Number.isInteger(rows) || !Number.isInteger(columns)) return "";
  return ` In patches of ${sides(patch_size)} that is ${rows} x ${columns} = ${
    rows * columns
  } patches, and a model has a
position embedding for each: that is why all images must have one size.`;
}

function sides([height, width]: readonly number[]): string {
  return `${height} x ${width} pixels`;
}
