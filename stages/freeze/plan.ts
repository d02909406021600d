import { type ModelConfig, tokensOf } from "../../vit/config.ts";
import { summaryTokens } from "../../vit/head.ts";
import type { DatasetFile } from "../preprocess/files.ts";
import type { FreezeParams } from "./mod.ts";
import type { FrozenPrefix } from "./prefix.ts";

/** Images that go through the model at once. Part of nothing that is published. */
export const BATCH = 64;
/**
 * A shard is computed whole or not at all: a kill loses at most this much, and so much may one worker
 * have still to do when the others have nothing left.
 */
const SHARD_BYTES = 16 * 2 ** 20;

/** How the activations are to be kept. */
export interface FeaturePlan {
  readonly dtype: "F16" | "F32";
  readonly precision: FreezeParams["precision"];
  readonly tokens: number;
  readonly width: number;
  readonly images: number;
  /** Images in a shard. */
  readonly shard: number;
  readonly prefix: FrozenPrefix;
  readonly dataset: DatasetFile;
  /** Bytes that the activations of one image take. */
  readonly imageBytes: number;
}

/** Sizes of what is kept: `images * tokens * width` numbers. */
export function planFeatures(
  params: FreezeParams,
  config: ModelConfig,
  prefix: FrozenPrefix,
  dataset: DatasetFile,
): FeaturePlan {
  const imageSize = dataset.transform.image_size;
  const tokens = prefix.tokens === "summary"
    ? summaryTokens(config)
    : tokensOf({ ...config, imageSize });
  const dtype = params.features === "float16" ? "F16" : "F32";
  const imageBytes = tokens * config.hiddenSize * (dtype === "F16" ? 2 : 4);
  // Whole batches, so that a shard that is done again sees the same batches and gives the same bytes.
  const shard = BATCH * Math.min(64, Math.max(1, Math.floor(SHARD_BYTES / imageBytes / BATCH)));
  const images = dataset.sizes.train + dataset.sizes.validation;
  return {
    dtype,
    precision: params.precision,
    tokens,
    width: config.hiddenSize,
    images,
    shard,
    prefix,
    dataset,
    imageBytes,
  };
}
