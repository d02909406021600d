import { z } from "zod";
import { RESAMPLE_NAMES } from "../../data/resample_filters.ts";

/** The splits of a data set, in the order in which they are always listed. */
export const SPLITS = ["train", "validation", "test"] as const;

const side = z.int().positive();
const perChannel = z.array(z.number()).length(3);

/** Mean, deviation and histogram of each channel (red, green, blue) over the training images. */
export const channelStatistics = z.strictObject({
  mean: perChannel,
  std: perChannel,
  minimum: perChannel,
  maximum: perChannel,
  histogram: z.strictObject({
    from: z.number().describe("Lower edge of the first bin"),
    to: z.number().describe("Upper edge of the last bin"),
    counts: z.array(z.array(z.int().nonnegative())).length(3).describe("Values by channel and bin"),
  }),
});

/**
 * Images with the very same pixels, as they are stored, where they should not be. Zeros: none.
 */
export const duplicateCounts = z.strictObject({
  test_in_train: z.int().nonnegative().describe("Test images that are training images too"),
  test_in_validation: z.int().nonnegative()
    .describe("Test images that are validation images too"),
  validation_in_train: z.int().nonnegative()
    .describe("Validation images that are training images too"),
  across_classes: z.int().nonnegative()
    .describe("Pictures that are training images of more than one class"),
});
export type DuplicateCounts = z.infer<typeof duplicateCounts>;

/** `dataset.json`: what the images are and what is done to them on their way into the model. */
export const datasetFile = z.strictObject({
  name: z.string(),
  classes: z.array(z.string()).min(1).describe("Names in order of their index"),
  sizes: z.strictObject({
    train: z.int().nonnegative(),
    validation: z.int().nonnegative(),
    test: z.int().nonnegative(),
  }).describe("Images by split"),
  splits: z.strictObject({
    train: z.array(z.int().nonnegative()),
    validation: z.array(z.int().nonnegative()),
    test: z.array(z.int().nonnegative()),
  }).describe("Images of each class, by split"),
  stored: z.strictObject({ height: side, width: side }).describe(
    "Size of the images in this folder, pixels",
  ),
  transform: z.strictObject({
    image_size: z.tuple([side, side]).describe("Height and width that the model gets, pixels"),
    resample: z.enum(RESAMPLE_NAMES).describe("Filter of the resizing, as Pillow names it"),
    resize: z.union([
      z.strictObject({ height: side, width: side }),
      z.strictObject({ shortest_edge: side }),
    ]).describe("What an image is resized to"),
    crop: z.boolean().describe("Whether image_size is then cut out of the centre"),
    applied: z.boolean().describe("Whether the stored images have been resized and cut already"),
    rescale_factor: z.number(),
    mean: perChannel,
    std: perChannel,
    patch_size: z.tuple([side, side]).optional().describe("Of the model, for the patch grid"),
  }),
  origin: z.strictObject({
    repository: z.string().optional().describe("owner/name on the Hugging Face Hub"),
    config: z.string().describe("Which of the data set's configs"),
    splits: z.record(z.string(), z.string()).describe(
      "Its splits that serve, by what they serve for: train, validation, test",
    ),
    license: z.string().optional().describe("As the data set's card writes it"),
  }).optional().describe("Of a data set of parquet files: where it came from"),
  skipped: z.strictObject({
    count: z.int().positive(),
    images: z.array(z.strictObject({
      path: z.string().describe("Relative to the data set: a file, or a file and its row"),
      reason: z.string(),
    })),
  }).optional().describe("Images left out because they are broken; absent where there are none"),
  left_out: z.record(z.string(), z.int().positive()).optional().describe(
    "Pictures and videos in the image folder of kinds that are not read: number by ending (.heic); absent where there are none",
  ),
  duplicates: duplicateCounts.optional().describe(
    "Images that are there more than once, pixel by pixel; absent where it was not counted",
  ),
  statistics: z.strictObject({
    before: channelStatistics.describe("Stored pixels, 0 to 255"),
    after: channelStatistics.describe("What the model gets"),
  }),
});
export type DatasetFile = z.infer<typeof datasetFile>;

/** Images that may be learned from or validated on: `images` U8 [N, H, W, 3], `labels` I32 [N]. */
export const POOL = "pool.safetensors";
/** Test images, in the same form, in path order. */
export const TEST = "test.safetensors";
/** Rows of the pool: `train` I32 [n] and `validation` I32 [m], each ascending. */
export const SPLIT_ROWS = "splits.safetensors";
/**
 * One image a class (at most ten), for the figures: `before.0` and so on U8 [h, w, 3] as in its
 * source (at most 256 pixels a side), `after` U8 [k, H, W, 3] resized, `labels` I32 [k].
 */
export const SAMPLES = "samples.safetensors";
