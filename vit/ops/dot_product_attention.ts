import { tf } from "../../engine/tf.ts";
import { defineOperation } from "./define.ts";
import { matMul } from "./matmul.ts";

const operation = defineOperation({
  name: "DotProductAttention",
  keep: ["query", "key", "value"],
  keepOutputs: [false, true],
  forward({ query, key, value }) {
    const weights = matMul(query, key, { b: true }).softmax(); // [B, H, Q, T]
    return [matMul(weights, value), weights];
  },
  gradient([dy], [query, key, value, weights]) {
    const dWeights = matMul(dy, value, { b: true });
    const weighted = dWeights.mul(weights);
    const dScores = weighted.sub(weights.mul(weighted.sum(-1, true))); // [B, H, Q, T]
    return {
      query: () => matMul(dScores, key),
      key: () => matMul(dScores, query, { a: true }),
      value: () => matMul(weights, dy, { a: true }),
    };
  },
});

/**
 * Attention (Vaswani et al. 2017, eq. 1): softmax(Q K^T) V. Q comes already divided by the root of
 * the head's width.
 *
 * @param query `[B, H, Q, width of a head]`.
 * @param key `[B, H, T, width of a head]`.
 * @param value `[B, H, T, width of a head]`.
 * @returns The output `[B, H, Q, width of a head]`, and the weights `[B, H, Q, T]`, through which no
 * gradient flows.
 */
export function dotProductAttention(
  query: tf.Tensor4D,
  key: tf.Tensor4D,
  value: tf.Tensor4D,
): [output: tf.Tensor4D, weights: tf.Tensor4D] {
  return operation({ query, key, value }) as [tf.Tensor4D, tf.Tensor4D];
}
