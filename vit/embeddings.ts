import { tf } from "../engine/tf.ts";
import { gridOf, type ModelConfig, prefixPositions } from "./model_config.ts";
import { dense } from "./ops/dense.ts";

/** A model's tensors by their names. */
export type Parameters = (name: string) => tf.Tensor;

/**
 * Cuts images into patches, projects each to a token, puts the class token (and a distillation
 * token) in front, adds the position embeddings (Dosovitskiy et al. 2021, eq. 1), and puts registers
 * between them and the patches.
 *
 * @param pixels RGB, normalised, `[B, height, width, channels]`.
 * @returns `[B, T, D]`: class token, distillation token, registers, then the patches row by row.
 */
export function embed(pixels: tf.Tensor4D, config: ModelConfig, parameters: Parameters) {
  const [down, across] = gridOf(config);
  const [patchHeight, patchWidth] = config.patchSize;
  const { channels, hiddenSize: width } = config;
  const batch = pixels.shape[0];
  const numbers = patchHeight * patchWidth * channels;
  const own = (name: string) => parameters(`${config.family}.embeddings.${name}`);
  const forAll = (name: string) => own(name).tile([batch, 1, 1]);

  const patches = pixels
    .reshape([batch, down, patchHeight, across, patchWidth * channels])
    .transpose([0, 1, 3, 2, 4]) // [B, down, across, patchHeight, patchWidth * channels]
    .reshape([batch * down * across, numbers]);
  // The checkpoint's filters are [D, channels, patchHeight, patchWidth]; pixels keep channels last.
  const filters = own("patch_embeddings.projection.weight")
    .transpose([0, 2, 3, 1])
    .reshape([width, numbers]);
  const tokens = dense(patches, filters, own("patch_embeddings.projection.bias"))
    .reshape([batch, down * across, width]);
  const first = config.distillationToken
    ? [forAll("cls_token"), forAll("distillation_token")]
    : [forAll("cls_token")];
  const placed = tf.concat([...first, tokens], 1).add(own("position_embeddings")) as tf.Tensor3D;
  if (config.registers === 0) return placed; // [B, T, D]
  const prefix = prefixPositions(config);
  const [before, after] = tf.split(placed, [prefix, down * across], 1);
  return tf.concat([before, forAll("register_tokens"), after], 1) as tf.Tensor3D;
}
