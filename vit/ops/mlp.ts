import { tf } from "../../engine/tf.ts";
import type { HiddenAct } from "../model_config.ts";
import { activation } from "./activation.ts";
import { differentiable, isRecording } from "./define.ts";
import { columnSums, dense } from "./dense.ts";
import { affine, affineActivated, type FusedActivation, product } from "./matmul.ts";

/** A block's two dense layers, as PyTorch keeps them. SwiGLU's first is twice as wide. */
export interface MlpWeights {
  /** `[hidden, width]`. */
  readonly inWeight: tf.Tensor;
  /** `[hidden]`. */
  readonly inBias: tf.Tensor;
  /** `[width, hidden]`. */
  readonly outWeight: tf.Tensor;
  /** `[width]`. */
  readonly outBias: tf.Tensor;
  /** Whether matrices are stored transposed, `[inputs, outputs]`. */
  readonly transposed?: boolean;
}

/** Activation functions that oneDNN computes with a product. */
export const FUSED: Partial<Record<HiddenAct, FusedActivation>> = {
  gelu: "GeluExact",
  gelu_new: "GeluApproximate",
  gelu_pytorch_tanh: "GeluApproximate",
  relu: "Relu",
};

/**
 * Two dense layers with an activation function between them.
 *
 * @param x `[rows, width]`.
 * @returns `[rows, width]`.
 */
export function mlp(x: tf.Tensor, weights: MlpWeights, name: HiddenAct): tf.Tensor2D {
  const { inWeight, inBias, outWeight, outBias, transposed = false } = weights;
  const fused = FUSED[name];
  if (!isRecording() && fused) {
    const hidden = affineActivated(x, inWeight, inBias, transposed, fused);
    if (hidden) {
      const y = affine(hidden, outWeight, outBias, transposed);
      hidden.dispose();
      return y;
    }
  }
  if (name === "gelu" && !transposed) return geluMlp(x, weights);
  const hidden = activation(dense(x, inWeight, inBias, transposed), name);
  return dense(hidden, outWeight, outBias, transposed);
}

/**
 * SwiGLU (Shazeer 2020): a dense layer whose first half, through SiLU, gates its second, and another
 * after it.
 *
 * @param x `[rows, width]`.
 * @param weights `inWeight` is `[2 hidden, width]`, the gate first.
 * @returns `[rows, width]`.
 */
export function swiglu(x: tf.Tensor, weights: MlpWeights): tf.Tensor2D {
  const { inWeight, inBias, outWeight, outBias, transposed } = weights;
  const [gate, gated] = tf.split(dense(x, inWeight, inBias, transposed), 2, 1);
  return dense(activation(gate, "silu").mul(gated), outWeight, outBias, transposed);
}

const ROOT_HALF = Math.SQRT1_2;

/**
 * The MLP with GELU, whose hidden numbers are the largest tensors of a Vision Transformer: each pass
 * over them that is saved counts. With n = h / sqrt(2) and e = 1 + erf(n), GELU(h) = n e / sqrt(2);
 * both roots go into the small matrices. (Making n e again for the gradient in place of saving it
 * frees 4 to 6% of the memory of a step that trains all blocks, and costs 2 to 6% of its time.)
 */
function geluMlp(x: tf.Tensor, { inWeight, inBias, outWeight, outBias }: MlpWeights): tf.Tensor2D {
  return differentiable(
    { x, inWeight, inBias, outWeight, outBias },
    (save) => {
      const [w1, w2] = [inWeight.mul(ROOT_HALF), outWeight.mul(ROOT_HALF)];
      const n = affine(x, w1, inBias.mul(ROOT_HALF)); // [rows, hidden]
      const e = n.erf().add(1);
      const m = n.mul(e);
      save([x, w1, w2, n, e, m]);
      return affine(m, w2, outBias);
    },
    (dy, [x, w1, w2, n, e, m]) => {
      const dn = tf.tidy(() => {
        // d(n e)/dn = e + n 2/sqrt(pi) exp(-n^2); past 9 the exponential is infinite and its share 0.
        const slope = e.add(n.div(n.square().exp()).mul(2 / Math.sqrt(Math.PI)));
        return product(dy, w2).mul(slope);
      });
      return {
        x: () => product(dn, w1),
        inWeight: () => product(dn, x, { a: true }).mul(ROOT_HALF),
        inBias: () => columnSums(dn).mul(ROOT_HALF),
        outWeight: () => product(dy, m, { a: true }).mul(ROOT_HALF),
        outBias: () => columnSums(dy),
      };
    },
  );
}
