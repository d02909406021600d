import { z } from "zod";
import { lazily } from "../../base/lazy.ts";
import { defineStage } from "../stage.ts";
import { RESAMPLE_NAMES } from "../../data/resample_filters.ts";
import { completePreprocess } from "./complete.ts";
import { datasetFiles, datasetSchema } from "./sources/plan.ts";

const share = z.number().min(0).lt(1);
const pixels = z.int().min(1).max(4096);
const perChannel = z.array(z.number()).length(3);

export const params = z.strictObject({
  dataset: datasetSchema.default("cifar10").describe("Where the images come from"),
  image_size: z.union([pixels, z.tuple([pixels, pixels])]).optional()
    .describe("Side in pixels, or [height, width]; default: what the model expects"),
  resize: z.union([
    z.strictObject({ height: pixels, width: pixels }),
    z.strictObject({ shortest_edge: pixels }),
  ]).optional().describe("Size before image_size is cut out of the centre; default: the model's"),
  resample: z.enum(RESAMPLE_NAMES).optional()
    .describe("Pillow's filter; default: the model's"),
  normalize: z.strictObject({
    mean: perChannel.describe("Subtracted from each channel, after rescaling"),
    std: z.array(z.number().positive()).length(3).describe("Divides each channel"),
  }).optional().describe("Default: the model's"),
  rescale_factor: z.number().positive().optional()
    .describe("Multiplies each pixel before normalising; default: the model's, 1/255"),
  patch_size: z.union([pixels, z.tuple([pixels, pixels])]).optional()
    .describe("For the picture of the patch grid; default: the model's"),
  validation: z.union([share, z.literal("folder")]).optional()
    .describe(
      "Share of train, stratified; default: the data set's own split where it has one, else 0.1",
    ),
  test: z.union([share, z.literal("folder")]).optional()
    .describe("Share of a data set that has no test split; default: its own split, else 0.1"),
  limit: z.strictObject({
    train: z.int().min(1).optional().describe(
      "Training images at most, before validation is taken",
    ),
    test: z.int().min(1).optional().describe("Test images at most"),
  }).optional().describe("A smaller data set, stratified, drawn from the seed"),
  on_bad_image: z.enum(["error", "skip"]).default("error").describe(
    "An image that is cut, damaged or of an unknown kind: stop, or leave it out and list it (every image is then read twice)",
  ),
});
export type PreprocessParams = z.infer<typeof params>;

/** Whether a split is drawn; a share of 0 and a folder's own split are not. */
const draws = (part: PreprocessParams["test"]) => typeof part === "number" && part > 0;

/** Images from their source, split, with all that is needed to feed them to the model. */
export const preprocess = defineStage({
  kind: "preprocess",
  summary: "Reads the images, splits them and says how they are resized and normalised",
  params,
  inputs: {},
  // A folder that is split by chance depends on the seed; one that brings its splits does not.
  usesSeed: (p: PreprocessParams) => p.limit !== undefined || draws(p.validation) || draws(p.test),
  complete: completePreprocess,
  files: ({ dataset }: PreprocessParams, view) => datasetFiles(dataset, view),
  run: lazily<typeof import("./run.ts")>("./run.ts", import.meta.url),
  draw: lazily<typeof import("./draw.ts")>("./draw.ts", import.meta.url),
  findings: lazily<typeof import("./findings.ts")>("./findings.ts", import.meta.url),
});
