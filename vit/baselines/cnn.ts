import { tf } from "../../engine/tf.ts";
import type { Parameters } from "../embeddings.ts";
import { dense } from "../ops/dense.ts";
import { normalise } from "../ops/normalise.ts";
import type { CnnConfig } from "./config.ts";
import { convolution } from "./convolution.ts";
import { cnnTensor } from "./parameters.ts";

/**
 * Classifies images by a {@linkcode CnnConfig}'s network.
 *
 * @param pixels RGB, normalised, `[B, height, width, 3]`.
 * @returns Logits `[B, classes]`.
 */
export function cnnForward(
  pixels: tf.Tensor4D,
  { channels, convolutions, normEps }: CnnConfig,
  parameters: Parameters,
): tf.Tensor2D {
  let x = pixels;
  for (let stage = 0; stage < channels.length; stage++) {
    if (stage > 0) x = tf.avgPool(x, 2, 2, "valid"); // half the sides, an odd row left out
    for (let layer = 0; layer < convolutions; layer++) {
      const filters = parameters(`${cnnTensor(stage, layer, "convolution")}.weight`);
      const norm = cnnTensor(stage, layer, "normalization");
      const y = convolution(x, filters as tf.Tensor4D);
      x = imageNorm(y, normEps)
        .mul(parameters(`${norm}.weight`))
        .add(parameters(`${norm}.bias`))
        .relu();
    }
  }
  const summary = x.mean([1, 2]); // [B, channels]
  return dense(summary, parameters("classifier.weight"), parameters("classifier.bias"));
}

/**
 * Brings each image to mean 0 and variance 1 over all its places and channels: group normalisation
 * with one group (Wu and He 2018; PyTorch's `GroupNorm(1, channels)`) without scale and shift. No
 * image's result depends on the others of its batch, so it is the same in training and after it.
 */
function imageNorm(x: tf.Tensor4D, epsilon: number): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  return normalise(x.reshape([batch, height * width * channels]), epsilon).reshape(x.shape);
}
