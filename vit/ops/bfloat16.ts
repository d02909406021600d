import { type RawAttribute, rawOp, rawOps } from "../../engine/raw.ts";
import { tf } from "../../engine/tf.ts";
import type { FusedActivation } from "./matmul.ts";
import { hasOneDnn } from "./one_dnn.ts";

/**
 * A tensor of bfloat16: float32 with 8 of its 24 bits of precision, so that rounding moves a number by up
 * to 2^-8 of itself. A type apart, as the operations of TensorFlow.js can't read it; `tf.tidy` frees it.
 */
export interface Bfloat16 {
  readonly [BRAND]: true;
  readonly shape: number[];
  dispose(): void;
}
declare const BRAND: unique symbol;

const T = { type: "bfloat16" } as const;
/** Which of the kernels that are registered under one name: those of oneDNN. */
const ONE_DNN = { _kernel: "MklNameChangeOp" } as const;

/** Rounds to the nearest, of two as near to the even one. */
export function toBfloat16(x: tf.Tensor): Bfloat16 {
  return rawOp("Cast", { SrcT: { type: "float32" }, DstT: T }, [x]) as unknown as Bfloat16;
}

/** Exact. */
export function toFloat32(x: Bfloat16): tf.Tensor {
  return rawOp("Cast", { SrcT: T, DstT: { type: "float32" } }, [tensor(x)]);
}

/**
 * x W^T + b, and an activation function: added up in float32 and rounded once.
 *
 * @param x `[rows, inputs]`.
 * @param weight `[outputs, inputs]`.
 * @param bias `[outputs]`.
 * @returns `[rows, outputs]`.
 */
export function affine(
  x: Bfloat16,
  weight: Bfloat16,
  bias: Bfloat16,
  activation?: FusedActivation,
): Bfloat16 {
  return run("_MklNativeFusedMatMul", {
    ...ONE_DNN,
    transpose_a: false,
    transpose_b: true,
    num_args: { int: 1 },
    fused_ops: activation ? ["BiasAdd", activation] : ["BiasAdd"],
  }, [x, weight, bias]);
}

/** Products of two stacks of matrices, pair by pair; the second is read transposed where it says so. */
export function stackedProduct(a: Bfloat16, b: Bfloat16, transposeB = false): Bfloat16 {
  return run("_MklBatchMatMulV2", { ...ONE_DNN, adj_x: false, adj_y: transposeB }, [a, b]);
}

/** Softmax over the last axis: computed in float32 and rounded once. */
export function softmax(x: Bfloat16): Bfloat16 {
  return run("_MklSoftmax", ONE_DNN, [x]);
}

/** The same numbers in another shape. */
export function reshape(x: Bfloat16, shape: readonly number[]): Bfloat16 {
  const attributes = { Tshape: { type: "int32" } } as const;
  return withIntegers(shape, (sizes) => run("Reshape", attributes, [x], [sizes]));
}

/** Another order of axes, as `tf.transpose` takes it. */
export function transpose(x: Bfloat16, axes: readonly number[]): Bfloat16 {
  const attributes = { Tperm: { type: "int32" } } as const;
  return withIntegers(axes, (order) => run("Transpose", attributes, [x], [order]));
}

/** The parts along the first axis, which goes. */
export function unstack(x: Bfloat16): Bfloat16[] {
  const num = x.shape[0];
  const attributes = { T, num: { int: num }, axis: { int: 0 } } as const;
  return rawOps("Unpack", attributes, [tensor(x)], num) as unknown as Bfloat16[];
}

/** Whether the engine has all of these operations; where it has, on a CPU, it need not be quick. */
export function hasBfloat16Ops(): boolean {
  return hasOneDnn("bfloat16", () => {
    const one = toBfloat16(tf.ones([1, 1]));
    const sum = affine(one, one, toBfloat16(tf.ones([1])), "GeluExact");
    return toFloat32(softmax(stackedProduct(sum, one)));
  });
}

function run(
  name: string,
  attributes: Readonly<Record<string, RawAttribute>>,
  inputs: readonly Bfloat16[],
  more: readonly tf.Tensor[] = [],
): Bfloat16 {
  const all = [...inputs.map(tensor), ...more];
  return rawOp(name, { T, ...attributes }, all) as unknown as Bfloat16;
}

/** What it is at run time; only raw operations may have it so. */
function tensor(x: Bfloat16): tf.Tensor {
  return x as unknown as tf.Tensor;
}

function withIntegers(values: readonly number[], use: (integers: tf.Tensor) => Bfloat16): Bfloat16 {
  const integers = tf.tensor1d([...values], "int32");
  const result = use(integers);
  integers.dispose();
  return result;
}
