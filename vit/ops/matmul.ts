import { hasRawOps, rawOp } from "../../engine/raw.ts";
import { tf } from "../../engine/tf.ts";
import { isLowPrecision, lowProduct } from "./low_precision.ts";
import { hasOneDnn } from "./one_dnn.ts";

const FLOAT = { type: "float32" } as const;

/** Which factors of a product are read transposed. */
interface Transpose {
  readonly a?: boolean;
  readonly b?: boolean;
}

/** Product of two matrices, `[m, k]` and `[k, n]` once transposed. Has no gradient of its own. */
export function product(a: tf.Tensor, b: tf.Tensor, transpose: Transpose = {}): tf.Tensor2D {
  if (isLowPrecision()) return lowProduct(a, b, transpose);
  if (!hasRawOps()) return stackedProduct(a, b, transpose) as tf.Tensor2D;
  const attributes = {
    T: FLOAT,
    transpose_a: transpose.a ?? false,
    transpose_b: transpose.b ?? false,
  };
  return rawOp("MatMul", attributes, [a, b]) as tf.Tensor2D;
}

/**
 * Products of two stacks of matrices, pair by pair. Engines but TensorFlow are slow at reading a
 * factor transposed, and get a transposed copy.
 */
export function stackedProduct<T extends tf.Tensor>(a: T, b: T, transpose: Transpose = {}): T {
  if (isLowPrecision()) return lowProduct(a, b, transpose);
  if (hasRawOps()) return tf.matMul(a, b, transpose.a, transpose.b);
  return tf.tidy(() => tf.matMul(transpose.a ? transposed(a) : a, transpose.b ? transposed(b) : b));
}

/** What a fused product can end with on oneDNN, by TensorFlow's words. */
export type FusedActivation = "GeluExact" | "GeluApproximate" | "Relu";

/** Up to so many rows oneDNN's own operation is the faster one, up to three times for a single image. */
const FEW_ROWS = 2048;

/**
 * x W^T + b in one operation where the engine has one. Has no gradient of its own.
 *
 * @param x `[rows, inputs]`.
 * @param weight `[outputs, inputs]`; transposed `[inputs, outputs]`, which is read faster.
 * @param bias `[outputs]`.
 * @param transposed Whether the weight is stored transposed.
 */
export function affine(
  x: tf.Tensor,
  weight: tf.Tensor,
  bias?: tf.Tensor,
  transposed = false,
): tf.Tensor2D {
  if (!bias) return product(x, weight, { b: !transposed });
  if (!hasRawOps() || isLowPrecision()) {
    return tf.tidy(() => product(x, weight, { b: !transposed }).add(bias));
  }
  if (x.shape[0] <= FEW_ROWS && canFuse()) {
    return fusedOneDnn(x, weight, bias, transposed);
  }
  return rawOp("_FusedMatMul", fused(transposed, "BiasAdd"), [x, weight, bias]) as tf.Tensor2D;
}

/**
 * {@linkcode affine} and an activation function in one operation, or undefined where the engine has
 * none such: oneDNN alone, on a CPU, has.
 */
export function affineActivated(
  x: tf.Tensor,
  weight: tf.Tensor,
  bias: tf.Tensor,
  transposed: boolean,
  activation: FusedActivation,
): tf.Tensor2D | undefined {
  if (isLowPrecision() || !canFuse(activation)) return undefined;
  return fusedOneDnn(x, weight, bias, transposed, activation);
}

function canFuse(activation?: FusedActivation): boolean {
  return hasOneDnn(`product ${activation}`, () => {
    const one = tf.ones([1, 1]);
    return fusedOneDnn(one, one, tf.ones([1]), false, activation);
  });
}

function fusedOneDnn(
  x: tf.Tensor,
  weight: tf.Tensor,
  bias: tf.Tensor,
  transposed: boolean,
  activation?: FusedActivation,
) {
  const operations = activation ? ["BiasAdd", activation] : ["BiasAdd"];
  // The name that oneDNN's kernels are registered under when their operation is called by name.
  const attributes = { ...fused(transposed, ...operations), _kernel: "MklNameChangeOp" };
  return rawOp("_MklNativeFusedMatMul", attributes, [x, weight, bias]) as tf.Tensor2D;
}

function fused(transposed: boolean, ...operations: string[]) {
  return {
    T: FLOAT,
    transpose_a: false,
    transpose_b: !transposed,
    num_args: { int: 1 },
    fused_ops: operations,
  };
}

function transposed<T extends tf.Tensor>(x: T): T {
  const axes = x.shape.map((_, axis) => axis);
  return x.transpose([...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
}
