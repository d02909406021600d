import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { OpAttribute } from "./attributes.ts";
import type { OutputMetadata, TensorFlowBinding } from "./binding.ts";
import { TF_AttrType, TF_DataType } from "./capi.ts";
import { tf } from "./tf.ts";

/**
 * An attribute of a TensorFlow operation. JavaScript has one type of number and no types of
 * elements, so those are named.
 */
export type RawAttribute =
  | boolean
  | string
  | readonly string[]
  | { readonly int: number | readonly number[] }
  | { readonly float: number | readonly number[] }
  | { readonly type: RawType | readonly RawType[] }
  | { readonly shape: readonly number[] };

/**
 * An element type of TensorFlow's: those that tensors of TensorFlow.js have, and bfloat16 and float16,
 * which it does not know. A tensor of these says that it is of float32; whatever but a raw operation reads
 * it fails, as TensorFlow compares the types.
 */
export type RawType =
  | "float32"
  | "int32"
  | "bool"
  | "complex64"
  | "string"
  | "bfloat16"
  | "float16";

/** Whether operations of TensorFlow can be run by name: only on the engine `tensorflow`. */
export function hasRawOps(): boolean {
  return tf.getBackend() === "tensorflow";
}

/**
 * Runs one operation of TensorFlow by its name, past the kernels of TensorFlow.js; it has no
 * gradient. For what has no kernel there: `_FusedMatMul`, `BatchMatMulV2` with `adj_y`.
 *
 * @param name In TensorFlow's registry.
 * @param attributes Those that are not at their defaults; types of elements too.
 * @throws {Error} with TensorFlow's message, and on another engine.
 */
export function rawOp(
  name: string,
  attributes: Readonly<Record<string, RawAttribute>>,
  inputs: readonly TensorInfo[],
): tf.Tensor {
  return rawOps(name, attributes, inputs, 1)[0];
}

/** {@linkcode rawOp} for an operation with several outputs; `outputs` is how many, at most 64. */
export function rawOps(
  name: string,
  attributes: Readonly<Record<string, RawAttribute>>,
  inputs: readonly TensorInfo[],
  outputs: number,
): tf.Tensor[] {
  if (!hasRawOps()) {
    throw new Error(`Cannot run ${name} on the engine ${tf.getBackend()}: only on tensorflow`);
  }
  const list: OpAttribute[] = [];
  for (const attribute in attributes) list.push(toAttribute(attribute, attributes[attribute]));
  const backend = tf.backend() as RawBackend;
  const made = backend.binding.executeOp(name, list, backend.getInputTensorIds(inputs), outputs);
  return made.map((output) =>
    backend.createOutputTensor(
      output.dtype === TF_DataType.BFLOAT16 || output.dtype === TF_DataType.HALF
        ? { ...output, dtype: TF_DataType.FLOAT }
        : output,
    )
  );
}

/** The part of `NodeJSKernelBackend` that runs an operation. */
type RawBackend = ReturnType<typeof tf.backend> & {
  readonly binding: TensorFlowBinding;
  /** Writes what TensorFlow has not been given yet. */
  getInputTensorIds(inputs: readonly TensorInfo[]): number[];
  createOutputTensor(output: OutputMetadata): tf.Tensor;
};

const TYPES: Record<RawType, number> = {
  float32: TF_DataType.FLOAT,
  int32: TF_DataType.INT32,
  bool: TF_DataType.BOOL,
  complex64: TF_DataType.COMPLEX64,
  string: TF_DataType.STRING,
  bfloat16: TF_DataType.BFLOAT16,
  float16: TF_DataType.HALF,
};

function toAttribute(name: string, value: RawAttribute): OpAttribute {
  if (typeof value === "boolean") return { name, type: TF_AttrType.BOOL, value };
  if (typeof value === "string") return { name, type: TF_AttrType.STRING, value };
  if ("int" in value) return { name, type: TF_AttrType.INT, value: value.int };
  if ("float" in value) return { name, type: TF_AttrType.FLOAT, value: value.float };
  if ("shape" in value) return { name, type: TF_AttrType.SHAPE, value: value.shape };
  if (!("type" in value)) return { name, type: TF_AttrType.STRING, value };
  const type = value.type;
  return {
    name,
    type: TF_AttrType.TYPE,
    value: typeof type === "string" ? TYPES[type] : type.map((each) => TYPES[each]),
  };
}
