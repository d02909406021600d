import { hasRawOps, rawOp } from "../../engine/raw.ts";
import { tf } from "../../engine/tf.ts";
import { differentiable, isRecording } from "./define.ts";
import { hasOneDnn } from "./one_dnn.ts";

/**
 * Brings each row to mean 0 and variance 1: layer normalisation (Ba, Kiros and Hinton 2016) without
 * its scale and shift.
 *
 * @param x `[rows, width]`.
 * @param epsilon Added to the variance.
 */
export function normalise(x: tf.Tensor, epsilon: number): tf.Tensor2D {
  if (!isRecording() && x.shape[0] >= MANY_ROWS && canFuse()) return fused(x, epsilon);
  return differentiable(
    { x },
    (save) => {
      const centred = x.sub(rowMeans(x));
      const variance = rowMeans(centred.square());
      const inverse = variance.add(epsilon).rsqrt(); // [rows, 1]
      const normal = centred.mul(inverse) as tf.Tensor2D;
      save([normal, inverse]);
      return normal;
    },
    (dy, [normal, inverse]) => ({
      x() {
        // What would move the mean or the variance of a row is taken out.
        const along = rowMeans(dy.mul(normal));
        return dy.sub(rowMeans(dy)).sub(normal.mul(along)).mul(inverse);
      },
    }),
  );
}

/** With fewer rows the single operation takes longer: it sets itself up anew each time. */
const MANY_ROWS = 256;

function canFuse(): boolean {
  return hasOneDnn("layer norm", () => fused(tf.tensor2d([[1, 2]]), 0));
}

/** oneDNN's layer norm, one pass where there are seven. */
function fused(x: tf.Tensor, epsilon: number): tf.Tensor2D {
  return tf.tidy(() => {
    const width = x.shape[1]!;
    // Without the empty label TensorFlow looks for a kernel that is registered under another.
    const attributes = {
      T: { type: "float32" },
      epsilon: { float: epsilon },
      _kernel: "",
    } as const;
    const inputs = [x, tf.ones([width]), tf.zeros([width])];
    return rawOp("_MklLayerNorm", attributes, inputs) as tf.Tensor2D;
  });
}

/** Mean of each row: `[rows, width]` to `[rows, 1]`. */
function rowMeans(x: tf.Tensor): tf.Tensor {
  if (!hasRawOps()) return x.mean(-1, true);
  // TensorFlow.js makes a copy of its input first, as another type would need one.
  const attributes = { T: { type: "float32" }, Tidx: { type: "int32" }, keep_dims: true } as const;
  return rawOp("Mean", attributes, [x, tf.tensor1d([1], "int32")]);
}
