import { tf } from "../../engine/tf.ts";
import { differentiable } from "./define.ts";
import { stackedProduct } from "./matmul.ts";

/**
 * Attention (Vaswani et al. 2017, eq. 1): softmax(Q K^T) V. Q comes already divided by the root of
 * the head's width.
 *
 * @param query `[B, H, Q, d]`.
 * @param key `[B, H, T, d]`.
 * @param value `[B, H, T, width of the values]`.
 * @param observe Told the weights `[B, H, Q, T]`, and on the way back, where there is one, what is
 * differentiated by them. Both are freed when it returns.
 * @returns `[B, H, Q, width of the values]`.
 */
export function dotProductAttention(
  query: tf.Tensor4D,
  key: tf.Tensor4D,
  value: tf.Tensor4D,
  observe?: (weights: tf.Tensor4D, gradient?: tf.Tensor4D) => void,
): tf.Tensor4D {
  return differentiable(
    { query, key, value },
    (save) => {
      const weights = stackedProduct(query, key, { b: true }).softmax(); // [B, H, Q, T]
      observe?.(weights);
      save([query, key, value, weights]);
      return stackedProduct(weights, value);
    },
    (dy, saved) => {
      const [query, key, value, weights] = saved as tf.Tensor4D[];
      const dScores = tf.tidy(() => {
        const byWeights = stackedProduct(dy, value, { b: true }); // [B, H, Q, T]
        observe?.(weights, byWeights);
        const weighted = byWeights.mul(weights);
        return weighted.sub(weights.mul(weighted.sum(-1, true))) as tf.Tensor4D; // [B, H, Q, T]
      });
      return {
        query: () => stackedProduct(dScores, key),
        key: () => stackedProduct(dScores, query, { a: true }),
        value: () => stackedProduct(weights, dy, { a: true }),
      };
    },
  );
}
