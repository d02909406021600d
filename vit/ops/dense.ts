import { hasRawOps, rawOp } from "../../engine/raw.ts";
import { tf } from "../../engine/tf.ts";
import { differentiable } from "./define.ts";
import { affine, product } from "./matmul.ts";

/**
 * A dense layer: x W^T + b.
 *
 * @param x `[rows, inputs]`.
 * @param weight `[outputs, inputs]`, as PyTorch's `Linear` keeps it.
 * @param bias `[outputs]`.
 * @param transposed Whether the weight is stored transposed, `[inputs, outputs]`.
 * @returns `[rows, outputs]`.
 */
export function dense(
  x: tf.Tensor,
  weight: tf.Tensor,
  bias?: tf.Tensor,
  transposed = false,
): tf.Tensor2D {
  return differentiable(
    { x, weight, bias },
    (save) => {
      save([x, weight]);
      return affine(x, weight, bias, transposed);
    },
    (dy, [x, weight]) => ({
      x: () => product(dy, weight, { b: transposed }),
      weight: () => transposed ? product(x, dy, { a: true }) : product(dy, x, { a: true }),
      bias: () => columnSums(dy),
    }),
  );
}

/** Sums over the rows: `[rows, columns]` to `[columns]`. Has no gradient of its own. */
export function columnSums(x: tf.Tensor): tf.Tensor1D {
  if (!hasRawOps()) return x.sum(0);
  // TensorFlow's sum over the first axis takes half as long again.
  const attributes = { T: { type: "float32" }, data_format: "NHWC" } as const;
  return rawOp("BiasAddGrad", attributes, [x]) as tf.Tensor1D;
}
