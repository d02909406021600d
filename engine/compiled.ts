import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { OutputMetadata, TensorFlowBinding } from "./binding.ts";
import { GraphBinding, removeFunction } from "./graph_binding.ts";
import { hasRawOps, rawOp } from "./raw.ts";
import { openParts } from "./tensorflow.ts";
import { tf } from "./tf.ts";

/**
 * Names of the functions that the context has, by what they compute and the shapes they take; the one
 * that was used last comes last.
 */
const functions = new Map<string, string>();

/**
 * So many are kept: that of a block takes a quarter of a megabyte, and a run has few shapes; but who
 * asks for images as they come has any number of batch sizes.
 */
const MOST = 32;

/** Functions traced so far. */
let traced = 0;

/** The binding that runs operations, while a function is traced. */
let running: TensorFlowBinding | undefined;

/**
 * Computes `compute(inputs)` as one operation of TensorFlow. The first time with a name and shapes
 * `compute` is run on tensors without values, to see which operations it consists of (5 to 10 ms for a
 * block), and those become a function of TensorFlow's. That saves what each operation costs in
 * JavaScript and on the way to TensorFlow, which for a single small image is a fifth of the time.
 * Engines but TensorFlow on a CPU compute it as it is.
 *
 * TensorFlow replaces some operations of a function by others of oneDNN's, so that the last bits differ
 * from those of single operations. Hence it is a function from the first time on: what a result is must
 * not depend on what the process did before.
 *
 * @param name What the result depends on besides the inputs.
 * @param inputs All tensors of others that `compute` reads, float32.
 * @param compute Does the same operations for the same name and shapes; does not read values.
 */
export function compiled(
  name: string,
  inputs: readonly tf.Tensor[],
  compute: (inputs: readonly tf.Tensor[]) => tf.Tensor,
): tf.Tensor {
  if (!hasRawOps() || backend().isUsingGpuDevice) return tf.tidy(() => compute(inputs));
  const key = [name, ...inputs.map(({ shape }) => shape.join("x"))].join(" ");
  let label = functions.get(key);
  if (label === undefined) {
    if (functions.size === MOST) forgetOldest();
    label = `compiled_${traced++}`;
    trace(label, inputs, compute);
  }
  functions.delete(key); // the order of a Map is that in which keys came
  functions.set(key, label);
  // The operations follow on one another: handing them to a pool of threads would only cost.
  return rawOp(label, { executor_type: "SINGLE_THREADED_EXECUTOR" }, inputs);
}

/** Frees the function that was not used for the longest time; it is traced again when it is needed. */
function forgetOldest(): void {
  const [key, label] = functions.entries().next().value!;
  const { c, context } = openParts()!;
  functions.delete(key);
  removeFunction(c, context, label);
}

/** Runs operations even if a function is being traced: to find out which ones the engine has. */
export function untraced<T>(run: () => T): T {
  if (!running) return run();
  const [kernels, own, graph] = [backend(), running, backend().binding];
  kernels.binding = own;
  running = undefined;
  try {
    return run();
  } finally {
    kernels.binding = graph;
    running = own;
  }
}

/** Runs `compute` on tensors without values and makes what it did a function of the context. */
function trace(
  label: string,
  inputs: readonly tf.Tensor[],
  compute: (inputs: readonly tf.Tensor[]) => tf.Tensor,
): void {
  const { c, context } = openParts()!;
  using graph = new GraphBinding(c);
  const kernels = backend();
  running = kernels.binding as TensorFlowBinding;
  kernels.binding = graph;
  const { write } = kernels;
  kernels.write = (values, shape, dtype) => {
    graph.allow(values);
    return write.call(kernels, values, shape, dtype);
  };
  try {
    tf.tidy(() => {
      const given = inputs.map(({ shape }) =>
        kernels.createOutputTensor(graph.input(shape, graph.TF_FLOAT))
      );
      const result = compute(given);
      graph.register(context, label, kernels.getInputTensorIds([result])[0]);
    });
  } finally {
    kernels.write = write;
    kernels.binding = running;
    running = undefined;
  }
}

/** The part of `NodeJSKernelBackend` that knows the binding, and keeps values until they are read. */
interface Kernels {
  binding: TensorFlowBinding | GraphBinding;
  readonly isUsingGpuDevice: boolean;
  write(values: object, shape: number[], dtype: tf.DataType): object;
  createOutputTensor(metadata: OutputMetadata): tf.Tensor;
  getInputTensorIds(tensors: readonly TensorInfo[]): number[];
}

function backend(): Kernels {
  return tf.backend() as unknown as Kernels;
}
