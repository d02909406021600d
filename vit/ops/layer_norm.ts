import { tf } from "../../engine/tf.ts";
import { defineOperation } from "./define.ts";

const operation = defineOperation({
  name: "LayerNorm",
  keep: ["scale"],
  keepOutputs: [false, true, true],
  forward({ x, scale, shift }, { epsilon }) {
    const mean = x.mean(-1, true);
    const centred = x.sub(mean);
    const variance = tf.squaredDifference(x, mean).mean(-1, true);
    const inverse = variance.add(epsilon as number).rsqrt(); // [rows, 1]
    const normal = centred.mul(inverse);
    return [normal.mul(scale).add(shift), normal, inverse];
  },
  gradient([dy], [scale, normal, inverse]) {
    return {
      x: () => {
        const dNormal = dy.mul(scale);
        const along = dNormal.mul(normal).mean(-1, true);
        return dNormal.sub(dNormal.mean(-1, true)).sub(normal.mul(along)).mul(inverse);
      },
      scale: () => dy.mul(normal).sum(0),
      shift: () => dy.sum(0),
    };
  },
});

/**
 * Layer normalisation (Ba, Kiros and Hinton 2016) over the last axis: mean 0, variance 1, then scale
 * and shift.
 *
 * @param x `[rows, width]`.
 * @param scale `[width]`.
 * @param shift `[width]`.
 * @param epsilon Added to the variance.
 */
export function layerNorm(
  x: tf.Tensor,
  scale: tf.Tensor,
  shift: tf.Tensor,
  epsilon: number,
): tf.Tensor2D {
  return operation({ x, scale, shift }, { epsilon })[0] as tf.Tensor2D;
}
