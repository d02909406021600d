import { compiled } from "../engine/compiled.ts";
import { tf } from "../engine/tf.ts";
import type { ModelConfig } from "./model_config.ts";
import type { FoldedBlock } from "./fold.ts";
import { dense } from "./ops/dense.ts";
import { dotProductAttention } from "./ops/dot_product_attention.ts";
import { mlp, swiglu } from "./ops/mlp.ts";
import { normalise } from "./ops/normalise.ts";

/**
 * A pre-norm transformer block (Dosovitskiy et al. 2021, eq. 2 and 3): attention, then an MLP, each
 * after a layer norm and added to what it read.
 *
 * @param x `[B, T, D]`.
 * @param observe Told the attention weights `[B, H, T, T]`, as `dotProductAttention` does.
 * @returns `[B, T, D]`.
 */
export function block(
  x: tf.Tensor3D,
  weights: FoldedBlock,
  config: ModelConfig,
  observe?: (attention: tf.Tensor4D, gradient?: tf.Tensor4D) => void,
): tf.Tensor3D {
  const { heads, hiddenSize: width, layerNormEps } = config;
  const [batch, tokens] = x.shape;
  const rows = x.reshape([batch * tokens, width]); // [B T, D]

  const normal = normalise(rows, layerNormEps);
  const { qkvWeight, qkvBias, transposed } = weights;
  const projected = dense(normal, qkvWeight, qkvBias, transposed);
  const perHead = projected
    .reshape([batch, tokens, 3, heads, width / heads])
    .transpose([2, 0, 3, 1, 4]); // [3, B, H, T, width of a head]
  const [query, key, value] = tf.unstack(perHead) as tf.Tensor4D[];
  const mixed = dotProductAttention(query, key, value, observe) // [B, H, T, width of a head]
    .transpose([0, 2, 1, 3]).reshape([batch * tokens, width]);

  return afterAttention(mixed, rows, weights, config).reshape(x.shape);
}

/** {@linkcode block} as one operation, where the engine can have it so. Has no gradient. */
export function compiledBlock(
  x: tf.Tensor3D,
  weights: FoldedBlock,
  config: ModelConfig,
): tf.Tensor3D {
  const { heads, layerNormEps, mlp, hiddenAct } = config;
  const { transposed = false, ...tensors } = weights;
  const names = Object.keys(tensors);
  return compiled(
    `block of ${heads} heads, ${layerNormEps}, ${mlp}, ${hiddenAct}, ${transposed}`,
    [x, ...Object.values(tensors)],
    ([x, ...given]) => {
      const own = Object.fromEntries(names.map((name, i) => [name, given[i]]));
      return block(x as tf.Tensor3D, { ...own, transposed } as unknown as FoldedBlock, config);
    },
  ) as tf.Tensor3D;
}

/**
 * The last block, for the first tokens alone: those that the head reads. The others are attended to
 * as ever, but their own outputs, which nothing reads, are not computed, nor are keys and values:
 * with a query q_h a head, q_h . (K_h x + b) = (K_h^T q_h) . x + q_h . b, of which the second part
 * is the same for all tokens and drops out of the softmax; and as the weights a_t sum to 1,
 * sum_t a_t (V_h x_t + c) = V_h (sum_t a_t x_t) + c.
 *
 * @param x `[B, T, D]`.
 * @param read How many tokens, R.
 * @returns `[B, R, D]`: the first tokens of what {@linkcode block} gives.
 */
export function lastBlock(
  x: tf.Tensor3D,
  read: number,
  weights: FoldedBlock,
  config: ModelConfig,
): tf.Tensor3D {
  const { heads, hiddenSize: width, layerNormEps } = config;
  const [batch, tokens] = x.shape;
  const headWidth = width / heads;
  const { qkvWeight, qkvBias } = weights;

  const normal = normalise(x.reshape([batch * tokens, width]), layerNormEps)
    .reshape([batch, 1, tokens, width]) as tf.Tensor4D;
  const first = normal.slice([0, 0, 0, 0], [batch, 1, read, width]).reshape([-1, width]);
  const [queryWeight, keyWeight, valueWeight] = tf.split(qkvWeight, 3); // [D, D] each
  const [queryBias, , valueBias] = tf.split(qkvBias, 3);
  const byHead = (matrix: tf.Tensor) => matrix.reshape([heads, headWidth, width]) as tf.Tensor3D;

  const query = dense(first, queryWeight, queryBias)
    .reshape([-1, heads, headWidth]).transpose([1, 0, 2]) as tf.Tensor3D; // [H, B R, headWidth]
  const asking = tf.matMul(query, byHead(keyWeight)); // [H, B R, D]
  const attended = dotProductAttention( // [B, 1, R H, D]
    asking.transpose([1, 0, 2]).reshape([batch, 1, read * heads, width]),
    normal,
    normal,
  );
  const perHead = attended.reshape([-1, heads, width]).transpose([1, 0, 2]) as tf.Tensor3D;
  const mixed = tf.matMul(perHead, byHead(valueWeight), false, true) // [H, B R, headWidth]
    .transpose([1, 0, 2]).reshape([-1, width]).add(valueBias);

  const residual = firstTokens(x, read).reshape([-1, width]);
  return afterAttention(mixed, residual, weights, config).reshape([batch, read, width]);
}

/** The first tokens of each image: `[B, T, D]` to `[B, count, D]`. */
export function firstTokens(x: tf.Tensor3D, count: number): tf.Tensor3D {
  const [batch, , width] = x.shape;
  return x.slice([0, 0, 0], [batch, count, width]);
}

/** Output projection and residual, then norm, MLP and residual. All are `[rows, D]`. */
function afterAttention(
  mixed: tf.Tensor,
  residual: tf.Tensor,
  weights: FoldedBlock,
  config: ModelConfig,
): tf.Tensor {
  const { attentionWeight, attentionBias, transposed } = weights;
  const attended = dense(mixed, attentionWeight, attentionBias, transposed).add(residual);
  const normal = normalise(attended, config.layerNormEps);
  const widened = config.mlp === "swiglu"
    ? swiglu(normal, weights)
    : mlp(normal, weights, config.hiddenAct);
  return widened.add(attended);
}
