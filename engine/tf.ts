import { createRequire } from "node:module";
import type * as core from "@tensorflow/tfjs-core";
// Types of `x.add(y)` and the other operations that are methods of a tensor.
import type {} from "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.d.ts";

/** Loads npm packages as the package with TensorFlow's kernels sees them. */
export const requireBesideKernels: NodeJS.Require = createRequire(
  createRequire(import.meta.url).resolve("@tensorflow/tfjs-node-gpu/package.json"),
);

/**
 * TensorFlow.js, with its gradients and methods: the one instance in the process, which is the copy
 * that the kernels of the `tensorflow` engine use. Tensors can be made once an engine is open.
 */
export const tf: typeof core = load();

/** Types of TensorFlow.js under the name that its functions have. */
// deno-lint-ignore no-namespace -- a namespace of types alone is what lets `tf.Tensor` be a type
export namespace tf {
  export type Tensor<R extends core.Rank = core.Rank> = core.Tensor<R>;
  export type Scalar = core.Scalar;
  export type Tensor1D = core.Tensor1D;
  export type Tensor2D = core.Tensor2D;
  export type Tensor3D = core.Tensor3D;
  export type Tensor4D = core.Tensor4D;
  export type Tensor5D = core.Tensor5D;
  export type Variable<R extends core.Rank = core.Rank> = core.Variable<R>;
  export type DataType = core.DataType;
  export type Rank = core.Rank;
  export type TensorLike = core.TensorLike;
  export type NamedTensorMap = core.NamedTensorMap;
  export type GradSaveFunc = core.GradSaveFunc;
}

function load(): typeof core {
  const loaded = requireBesideKernels("@tensorflow/tfjs") as typeof core;
  // Plain JavaScript and WebGL would be picked where no engine was opened: slow, and with a notice
  // on the console. Without them a tensor made too early is an error.
  for (const name of ["cpu", "webgl"]) {
    if (loaded.findBackendFactory(name)) loaded.removeBackend(name);
  }
  return loaded;
}
