import { tf } from "../engine/tf.ts";
import type { ModelConfig } from "./config.ts";
import type { Parameters } from "./embeddings.ts";
import { activation } from "./ops/activation.ts";
import { dense } from "./ops/dense.ts";
import { dotProductAttention } from "./ops/dot_product_attention.ts";
import { layerNorm } from "./ops/layer_norm.ts";
import { BLOCK_TENSORS, blockTensor } from "./parameters.ts";

/** Whether the last block computes all tokens or only the one that the head reads. */
export type Rows = "all" | "class token";

/**
 * A pre-norm transformer block (Dosovitskiy et al. 2021, eq. 2 and 3).
 *
 * @param x `[B, T, D]`.
 * @param block Counts from below.
 * @param rows "class token": the result has the class token alone. The other tokens are still
 * attended to; their own outputs, which a head that reads the class token never sees, are not computed.
 * @returns The result `[B, T or 1, D]`, and the attention weights `[B, H, T or 1, T]`.
 */
export function block(
  x: tf.Tensor3D,
  block: number,
  config: ModelConfig,
  parameters: Parameters,
  rows: Rows = "all",
): [output: tf.Tensor3D, attention: tf.Tensor4D] {
  const { heads, hiddenSize: width, layerNormEps } = config;
  const [batch, tokens] = x.shape;
  const headWidth = width / heads;
  const queries = rows === "all" ? tokens : 1;

  type Layer = keyof typeof BLOCK_TENSORS;
  const weight = (layer: Layer) => parameters(`${blockTensor(block, layer)}.weight`);
  const bias = (layer: Layer) => parameters(`${blockTensor(block, layer)}.bias`);
  const linear = (x: tf.Tensor, layer: Layer) => dense(x, weight(layer), bias(layer));
  const norm = (x: tf.Tensor, layer: Layer) =>
    layerNorm(x, weight(layer), bias(layer), layerNormEps);
  const perHead = (x: tf.Tensor, count: number) =>
    x.reshape([batch, count, heads, headWidth])
      .transpose([0, 2, 1, 3]) as tf.Tensor4D; // [B, H, count, headWidth]

  // Attention.
  const normed = norm(x.reshape([batch * tokens, width]), "normBefore"); // [B T, D]
  const asking = queries === tokens
    ? normed
    : classToken(normed.reshape([batch, tokens, width])).reshape([batch, width]);
  // Scaling the small weights, not the activations: (W x + b) / sqrt(d) = (W / sqrt(d)) x + b / sqrt(d).
  const scale = 1 / Math.sqrt(headWidth);
  const queryBias = config.qkvBias ? bias("query").mul(scale) : undefined;
  const query = dense(asking, weight("query").mul(scale), queryBias);
  const project = (layer: Layer) =>
    dense(normed, weight(layer), config.qkvBias ? bias(layer) : undefined);
  const [mixed, attention] = dotProductAttention(
    perHead(query, queries),
    perHead(project("key"), tokens),
    perHead(project("value"), tokens),
  );
  const joined = mixed.transpose([0, 2, 1, 3]).reshape([batch * queries, width]);
  const residual = queries === tokens ? x : classToken(x);
  const attended = linear(joined, "attentionOutput")
    .add(residual.reshape([batch * queries, width])); // [B queries, D]

  // MLP.
  const hidden = activation(linear(norm(attended, "normAfter"), "intermediate"), config.hiddenAct);
  const output = linear(hidden, "output").add(attended);
  return [output.reshape([batch, queries, width]), attention];
}

/** The class token of each image: `[B, T, D]` to `[B, 1, D]`. */
export function classToken(x: tf.Tensor): tf.Tensor {
  const [batch, , width] = x.shape;
  return x.slice([0, 0, 0], [batch, 1, width]);
}
