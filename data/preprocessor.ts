import { z } from "zod";
import { UserError } from "../base/errors.ts";
import { quoted } from "../base/printable.ts";
import { type Resample, RESAMPLE_NAMES } from "./resample_filters.ts";

/** How an image becomes what the model sees, in this order: resize, crop, rescale, normalise. */
export interface Preprocessor {
  /**
   * `[height, width]` of what the model gets: the crop, else both sides of the resizing. Undefined
   * where the image itself decides (its ratio is kept, or it is not resized).
   */
  readonly size: [height: number, width: number] | undefined;
  /** Both sides, or the shorter one with the ratio kept; null: the image keeps its size. */
  readonly resize: { height: number; width: number } | { shortest_edge: number } | null;
  readonly resample: Resample;
  /** Centre crop after resizing, padded with black where the image is smaller; null: none. */
  readonly crop: { height: number; width: number } | null;
  /** What a pixel of 0 to 255 is multiplied with; 1 where nothing is rescaled. */
  readonly rescaleFactor: number;
  /** By channel, on the rescaled values; all 0 where nothing is normalised. */
  readonly mean: [number, number, number];
  /** By channel, on the rescaled values; all 1 where nothing is normalised. */
  readonly std: [number, number, number];
}

const HALF: [number, number, number] = [0.5, 0.5, 0.5];
const CLIP: { mean: [number, number, number]; std: [number, number, number] } = {
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
};

/** What the Hugging Face classes fill in for keys that are missing (transformers 5.18). */
const PROCESSORS = {
  ViT: {
    size: 224,
    crop_size: undefined,
    crop: false,
    resample: 2,
    mean: HALF,
    std: HALF,
    square: true,
  },
  DeiT: { size: 256, crop_size: 224, crop: true, resample: 3, mean: HALF, std: HALF, square: true },
  Bit: { size: 224, crop_size: 224, crop: true, resample: 3, ...CLIP, square: false },
} as const;

const side = z.int().min(1).max(65536);
const sides = z.union([
  side,
  z.tuple([side, side]).transform(([height, width]) => ({ height, width })),
  z.strictObject({ height: side, width: side }),
  z.strictObject({ shortest_edge: side }),
], { error: "it must be a number of pixels, { height, width } or { shortest_edge }" });
const channels = z.union([
  z.tuple([z.number(), z.number(), z.number()]),
  z.number().transform((value): [number, number, number] => [value, value, value]),
], { error: "it must be one number, or three: red, green, blue" });
/** Whether something is done: left out, the class decides; null is no, as in transformers. */
const step = z.boolean().nullable().transform((value) => value ?? false).optional();
const schema = z.object({
  image_processor_type: z.string().optional(),
  feature_extractor_type: z.string().optional(),
  do_resize: step,
  size: sides.nullish(),
  resample: z.int().min(0).max(5).nullish(),
  do_center_crop: step,
  crop_size: sides.nullish(),
  do_rescale: step,
  do_pad: z.literal(false, "images are not padded here; set it to false").nullish(),
  rescale_factor: z.number().positive().nullish(),
  do_normalize: step,
  image_mean: channels.nullish(),
  image_std: channels.refine((std) => std.every((value) => value > 0), "it must be above 0")
    .nullish(),
});

/**
 * Reads a `preprocessor_config.json` of a ViT, DeiT or DINOv2 checkpoint. Missing keys get the
 * defaults of the Hugging Face class that it names. Where it names none, the model decides, as for
 * `AutoImageProcessor`. Every spelling gives the pixels of transformers 5.18 with its PIL backend.
 *
 * @param json The parsed file.
 * @param where Its path, for errors.
 * @param modelType `model_type` of the model's config.json.
 * @throws {UserError} on a value that is out of range, or a class whose rules are others.
 */
export function parsePreprocessor(
  json: unknown,
  where: string,
  modelType: string = "vit",
): Preprocessor {
  const result = schema.safeParse(json);
  if (!result.success) {
    const issue = result.error.issues[0];
    const key = issue.path.join(".");
    throw new UserError(`Cannot read ${key ? `"${key}" in ` : ""}${where}: ${issue.message}`);
  }
  const config = result.data;
  const name = config.image_processor_type ?? config.feature_extractor_type ??
    classOf(modelType);
  const kind = /^(ViT|DeiT|Bit)(ImageProcessor(Fast|Pil)?|FeatureExtractor)$/.exec(name)?.[1];
  if (!kind) {
    throw new UserError(`Cannot read ${where}: its class ${quoted(name)} is not known`, {
      hint: "Known are ViTImageProcessor, DeiTImageProcessor and BitImageProcessor",
    });
  }
  const defaults = PROCESSORS[kind as keyof typeof PROCESSORS];
  const resize = config.do_resize ?? true
    ? sizeOf(config.size ?? defaults.size, defaults.square)
    : null;
  const crop = config.do_center_crop ?? defaults.crop
    ? cropOf(config.crop_size ?? defaults.crop_size, where)
    : null;
  const whole = crop ?? (resize && "height" in resize ? resize : undefined);
  const normalize = config.do_normalize ?? true;
  return {
    size: whole && [whole.height, whole.width],
    resize,
    resample: RESAMPLE_NAMES[config.resample ?? defaults.resample],
    crop,
    rescaleFactor: config.do_rescale ?? true ? config.rescale_factor ?? 1 / 255 : 1,
    mean: normalize ? config.image_mean ?? defaults.mean : [0, 0, 0],
    std: normalize ? config.image_std ?? defaults.std : [1, 1, 1],
  };
}

/** The class of a file that names none; DINOv2's with registers is as DINOv2's. */
function classOf(modelType: string): string {
  if (modelType === "deit") return "DeiTImageProcessor";
  return modelType.startsWith("dinov2") ? "BitImageProcessor" : "ViTImageProcessor";
}

/** A plain number is both sides, or for classes that keep the ratio the shorter one. */
function sizeOf(size: z.output<typeof sides>, square: boolean) {
  if (typeof size !== "number") return size;
  return square ? { height: size, width: size } : { shortest_edge: size };
}

function cropOf(size: z.output<typeof sides> | undefined, where: string) {
  if (size === undefined) {
    throw new UserError(`Cannot read "do_center_crop" in ${where}: it is true without "crop_size"`);
  }
  if (typeof size === "number") return { height: size, width: size };
  if ("height" in size) return size;
  throw new UserError(`Cannot read "crop_size" in ${where}: a crop has a height and a width`);
}
