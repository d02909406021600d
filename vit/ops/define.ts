import { tf } from "../../engine/tf.ts";

type Tensors = Readonly<Record<string, tf.Tensor>>;
type Attributes = Readonly<Record<string, number | string | boolean>>;

/** An operation with a gradient of our own, for every engine. */
export interface Operation {
  /** Unique among the operations of TensorFlow.js. */
  readonly name: string;
  /** Inputs that the gradient needs, by name; undefined ones are skipped when it is called. */
  readonly keep: readonly string[];
  /** Which outputs the gradient needs, by position. */
  readonly keepOutputs?: readonly boolean[];
  /** Runs without being recorded. What it makes on the way is freed. */
  forward(inputs: Tensors, attributes: Attributes): tf.Tensor[];
  /**
   * @param upstream Gradient of the loss by each output.
   * @param kept Inputs, then outputs, that were to be kept.
   * @returns By input, what computes the loss's gradient by it. Only those needed are called.
   */
  gradient(
    upstream: tf.Tensor[],
    kept: tf.Tensor[],
    attributes: Attributes,
  ): Record<string, () => tf.Tensor>;
}

/**
 * Makes a function of an operation. Unlike `tf.customGrad`, gradients that nobody asked for (of what
 * is frozen) are not computed.
 */
export function defineOperation(
  operation: Operation,
): (inputs: Tensors, attributes?: Attributes) => tf.Tensor[] {
  const kernelName = `Vitrine/${operation.name}`;
  const engines = new Set<string>();
  tf.registerGradient({
    kernelName,
    inputsToSave: [...operation.keep],
    outputsToSave: [...operation.keepOutputs ?? []],
    gradFunc: (dy, saved, attributes) =>
      operation.gradient(Array.isArray(dy) ? dy : [dy], saved, attributes as Attributes),
  });
  return (inputs, attributes = {}) => {
    const backendName = tf.getBackend();
    if (!engines.has(backendName)) {
      tf.registerKernel({
        kernelName,
        backendName,
        kernelFunc: ({ inputs, attrs }) =>
          tf.tidy(() => operation.forward(inputs as Tensors, attrs as Attributes)),
      });
      engines.add(backendName);
    }
    return tf.engine().runKernel(kernelName, inputs, attributes) as unknown as tf.Tensor[];
  };
}
