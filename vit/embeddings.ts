import { tf } from "../engine/tf.ts";
import { gridOf, type ModelConfig } from "./config.ts";
import { dense } from "./ops/dense.ts";

/** A model's tensors by their names. */
export type Parameters = (name: string) => tf.Tensor;

/**
 * Cuts images into patches, projects each to a token, puts the class token in front and adds the
 * position embeddings (Dosovitskiy et al. 2021, eq. 1).
 *
 * @param pixels RGB, normalised, `[B, height, width, channels]`.
 * @returns `[B, T, D]`: the class token, then the patches row by row.
 */
export function embed(pixels: tf.Tensor4D, config: ModelConfig, parameters: Parameters) {
  const [down, across] = gridOf(config);
  const [patchHeight, patchWidth] = config.patchSize;
  const { channels, hiddenSize: width } = config;
  const batch = pixels.shape[0];
  const numbers = patchHeight * patchWidth * channels;

  const patches = pixels
    .reshape([batch, down, patchHeight, across, patchWidth * channels])
    .transpose([0, 1, 3, 2, 4]) // [B, down, across, patchHeight, patchWidth * channels]
    .reshape([batch * down * across, numbers]);
  // The checkpoint's filters are [D, channels, patchHeight, patchWidth]; pixels keep channels last.
  const filters = parameters("vit.embeddings.patch_embeddings.projection.weight")
    .transpose([0, 2, 3, 1])
    .reshape([width, numbers]);
  const bias = parameters("vit.embeddings.patch_embeddings.projection.bias");
  const tokens = dense(patches, filters, bias).reshape([batch, down * across, width]);
  const classToken = parameters("vit.embeddings.cls_token").tile([batch, 1, 1]);
  const positions = parameters("vit.embeddings.position_embeddings");
  return tf.concat([classToken, tokens], 1).add(positions) as tf.Tensor3D; // [B, T, D]
}
