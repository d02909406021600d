import type { KernelBackend, KernelFunc, TensorInfo } from "@tensorflow/tfjs-core";
import { tf } from "./tf.ts";

/** Tensors that a kernel reads at once: every device has 8 storage buffers, and one is the result's. */
const AT_ONCE = 7;

/** Replaces those kernels of TensorFlow.js's package that fail on what the models need. */
export function correctKernels(): void {
  addFewAtOnce();
}

/**
 * Adds many tensors up a few at a time: the package binds all of them to one shader, and a device has
 * a limit to that. (The norm of the gradients of all tensors is a sum of as many.)
 */
function addFewAtOnce(): void {
  const sum = tf.getKernel("AddN", "webgpu");
  const kernelFunc = ({ inputs, backend, attrs }: {
    inputs: TensorInfo[];
    backend: KernelBackend;
    attrs: Record<string, never>;
  }) => {
    let left = [...inputs];
    const made: TensorInfo[] = [];
    for (;;) {
      const some = left.slice(0, AT_ONCE);
      const result = sum.kernelFunc({ inputs: some, backend, attrs } as never) as TensorInfo;
      left = [result, ...left.slice(AT_ONCE)];
      if (left.length === 1) break;
      made.push(result);
    }
    for (const { dataId } of made) backend.disposeData(dataId);
    return left[0];
  };
  tf.unregisterKernel("AddN", "webgpu");
  tf.registerKernel({ ...sum, kernelFunc: kernelFunc as unknown as KernelFunc });
}
