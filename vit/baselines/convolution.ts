import { hasRawOps } from "../../engine/raw.ts";
import { tf } from "../../engine/tf.ts";
import { dense } from "../ops/dense.ts";

/**
 * A convolution with stride 1 that keeps the image's size: zeros around it.
 *
 * @param x `[B, height, width, inputs]`.
 * @param weight `[outputs, inputs, k, k]`, as PyTorch's `Conv2d` keeps it; k odd.
 * @returns `[B, height, width, outputs]`.
 */
export function convolution(x: tf.Tensor4D, weight: tf.Tensor4D): tf.Tensor4D {
  // The wasm engine has no kernel for the gradient by the filters: there it is a matrix product.
  if (!hasRawOps()) return asProduct(x, weight);
  return tf.conv2d(x, weight.transpose<tf.Tensor4D>([2, 3, 1, 0]), 1, "same");
}

/** Every pixel's neighbourhood as a row, and the filters as a matrix. */
export function asProduct(x: tf.Tensor4D, weight: tf.Tensor4D): tf.Tensor4D {
  const [batch, height, width, inputs] = x.shape;
  const [outputs, , side] = weight.shape;
  const around = (side - 1) / 2;
  const padded = tf.pad(x, [[0, 0], [around, around], [around, around], [0, 0]]);
  const shifted = Array.from(
    { length: side * side },
    (_, i) => padded.slice([0, Math.floor(i / side), i % side, 0], [batch, height, width, inputs]),
  );
  const rows = tf.concat(shifted, 3).reshape([batch * height * width, side * side * inputs]);
  const filters = weight.transpose([0, 2, 3, 1]).reshape([outputs, side * side * inputs]);
  return dense(rows, filters).reshape([batch, height, width, outputs]);
}
