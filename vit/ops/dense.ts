import { tf } from "../../engine/tf.ts";
import { defineOperation } from "./define.ts";
import { matMul } from "./matmul.ts";

const operation = defineOperation({
  name: "Dense",
  keep: ["x", "weight"],
  forward({ x, weight, bias }) {
    const y = matMul(x, weight, { b: true }); // [rows, outputs]
    return [bias ? y.add(bias) : y];
  },
  gradient: ([dy], [x, weight]) => ({
    x: () => matMul(dy, weight),
    weight: () => matMul(dy, x, { a: true }),
    bias: () => dy.sum(0),
  }),
});

/**
 * A dense layer: x W^T + b.
 *
 * @param x `[rows, inputs]`.
 * @param weight `[outputs, inputs]`, as PyTorch's `Linear` keeps it.
 * @param bias `[outputs]`.
 * @returns `[rows, outputs]`.
 */
export function dense(x: tf.Tensor, weight: tf.Tensor, bias?: tf.Tensor): tf.Tensor2D {
  return operation(bias ? { x, weight, bias } : { x, weight })[0] as tf.Tensor2D;
}
