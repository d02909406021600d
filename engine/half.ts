import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { OutputMetadata, TensorFlowBinding } from "./binding.ts";
import { TF_AttrType, TF_DataType } from "./capi.ts";
import { hasRawOps } from "./raw.ts";
import { tf } from "./tf.ts";

/**
 * A float32 tensor of numbers that are kept in 16 bits or in 32. Those in 16 are widened, which is exact: on
 * the engine `tensorflow` by TensorFlow, on all its threads and after half as many bytes were copied;
 * elsewhere by JavaScript, which takes 1.5 ns a number. The bits are the same.
 */
export function tensorOfFloats(values: Float16Array | Float32Array, shape: number[]): tf.Tensor {
  if (values instanceof Float32Array) return tf.tensor(values, shape, "float32");
  if (!hasRawOps()) return tf.tensor(new Float32Array(values), shape, "float32");
  const backend = tf.backend() as ReturnType<typeof tf.backend> & HalfBackend;
  // TensorFlow.js has no tensors of 16 bits: this one never leaves here.
  const half = backend.binding.createTensor(shape, TF_DataType.HALF, values);
  try {
    const [wide] = backend.binding.executeOp("Cast", CAST, [half], 1);
    return backend.createOutputTensor(wide) as tf.Tensor;
  } finally {
    backend.binding.deleteTensor(half);
  }
}

const CAST = [
  { name: "SrcT", type: TF_AttrType.TYPE, value: TF_DataType.HALF },
  { name: "DstT", type: TF_AttrType.TYPE, value: TF_DataType.FLOAT },
];

/** The parts of `NodeJSKernelBackend` that make a tensor of TensorFlow one of TensorFlow.js. */
interface HalfBackend {
  readonly binding: TensorFlowBinding;
  createOutputTensor(metadata: OutputMetadata): TensorInfo;
}
