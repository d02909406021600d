import { tf } from "../../engine/tf.ts";

/**
 * Product of two matrices, or of two stacks of matrices.
 *
 * @param transpose Which of them to read transposed. Engines but TensorFlow are slow at that, and
 * get a transposed copy.
 */
export function matMul<T extends tf.Tensor>(
  a: T,
  b: T,
  transpose: { a?: boolean; b?: boolean } = {},
): T {
  if (tf.getBackend() === "tensorflow") return tf.matMul(a, b, transpose.a, transpose.b);
  return tf.tidy(() => tf.matMul(transpose.a ? transposed(a) : a, transpose.b ? transposed(b) : b));
}

function transposed<T extends tf.Tensor>(x: T): T {
  const axes = x.shape.map((_, axis) => axis);
  return x.transpose([...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
}
