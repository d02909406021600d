import type { KernelBackend, KernelFunc, TensorInfo } from "@tensorflow/tfjs-core";
import { tf } from "./tf.ts";

/** Puts right what operations of TensorFlow 2.21 do wrong, in the kernels of TensorFlow.js. */
export function correctKernels(): void {
  replace("Round", roundOnlyFractions);
  replace("Conv2DBackpropInput", withTwoChannels);
  replace("Conv3DBackpropInputV2", withTwoChannels);
}

type Replacement = (kernel: KernelFunc) => KernelFunc;

function replace(name: string, replacement: Replacement): void {
  const kernel = tf.getKernel(name, "tensorflow");
  tf.unregisterKernel(name, "tensorflow");
  tf.registerKernel({ ...kernel, kernelFunc: replacement(kernel.kernelFunc) });
}

/**
 * Rounding integers gives zeros in TensorFlow 2.17 to 2.21
 * (github.com/tensorflow/tensorflow/issues/74789); they are whole already.
 */
function roundOnlyFractions(round: KernelFunc): KernelFunc {
  return (call) =>
    (call.inputs.x as TensorInfo).dtype === "int32" ? run("Identity", call) : round(call);
}

/** What a convolution's gradient is called with. */
interface GradientCall {
  inputs: { dy: TensorInfo; filter: TensorInfo };
  attrs: { inputShape: number[]; dataFormat?: string };
  backend: KernelBackend;
}

/**
 * From one channel to one, oneDNN's gradient of a convolution by its input is wrong on processors of
 * Zen 5: one product of the sum comes, the others do not (seen on an AMD EPYC; right on Zen 3 and 4,
 * and with ONEDNN_MAX_CPU_ISA=AVX2). With a second channel whose filter is zero it is right.
 */
function withTwoChannels(gradient: KernelFunc): KernelFunc {
  return (call) => {
    const { inputs: { dy, filter }, attrs, backend } = call as unknown as GradientCall;
    const [channels, filters] = filter.shape.slice(-2);
    if (channels !== 1 || filters !== 1) return gradient(call);
    const axis = attrs.dataFormat === "NCHW" ? 1 : attrs.inputShape.length - 1;
    const inputShape = attrs.inputShape.map((size, i) => i === axis ? 2 : size);
    const paddings = filter.shape.map((_, i) => [0, i === filter.shape.length - 2 ? 1 : 0]);
    const wide = run("PadV2", {
      inputs: { x: filter },
      attrs: { paddings, constantValue: 0 },
      backend,
    });
    const both = gradient({
      inputs: { dy, filter: wide },
      attrs: { ...attrs, inputShape },
      backend,
    } as never) as TensorInfo;
    const begin = attrs.inputShape.map(() => 0);
    const one = run("Slice", {
      inputs: { x: both },
      attrs: { begin, size: attrs.inputShape },
      backend,
    });
    for (const { dataId } of [wide, both]) backend.disposeData(dataId);
    return one;
  };
}

function run(name: string, call: object): TensorInfo {
  return tf.getKernel(name, "tensorflow").kernelFunc(call as never) as TensorInfo;
}
