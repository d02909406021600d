import { tf } from "../../engine/tf.ts";
import { differentiable } from "./define.ts";

/**
 * Brings each row to mean 0 and variance 1: layer normalisation (Ba, Kiros and Hinton 2016) without
 * its scale and shift.
 *
 * @param x `[rows, width]`.
 * @param epsilon Added to the variance.
 */
export function normalise(x: tf.Tensor, epsilon: number): tf.Tensor2D {
  return differentiable(
    { x },
    (save) => {
      const centred = x.sub(x.mean(-1, true));
      const variance = centred.square().mean(-1, true);
      const inverse = variance.add(epsilon).rsqrt(); // [rows, 1]
      const normal = centred.mul(inverse) as tf.Tensor2D;
      save([normal, inverse]);
      return normal;
    },
    (dy, [normal, inverse]) => ({
      x() {
        // What would move the mean or the variance of a row is taken out.
        const along = dy.mul(normal).mean(-1, true);
        return dy.sub(dy.mean(-1, true)).sub(normal.mul(along)).mul(inverse);
      },
    }),
  );
}
