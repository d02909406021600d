import { tf } from "../../engine/tf.ts";

type Tensors = Readonly<Record<string, tf.Tensor | undefined>>;

/** Keeps tensors for the gradient; they are freed with the tape. */
export type Save = (tensors: tf.Tensor[]) => void;

/**
 * The part of TensorFlow.js that `tf.customGrad` is made of. It is used directly because customGrad
 * computes the gradient of every input, those of frozen weights too.
 */
interface Tape {
  runKernelFunc(operation: {
    inputs: Record<string, tf.Tensor>;
    attrs: Record<string, never>;
    forwardFunc: (backend: unknown, save: Save) => tf.Tensor;
    backwardsFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => Record<string, () => tf.Tensor>;
  }): tf.Tensor;
}

/**
 * An operation with a gradient of our own.
 *
 * @param inputs What gradients may flow to, by name; undefined ones are left out.
 * @param forward Computes the result; is not recorded, and what it makes on the way is freed.
 * @param gradient Given the loss's gradient by the result and what was saved, says by input how the
 * loss's gradient by it is computed. Only those that are needed are called.
 */
export function differentiable<T extends tf.Tensor>(
  inputs: Tensors,
  forward: (save: Save) => T,
  gradient: (dy: T, saved: tf.Tensor[]) => Record<string, () => tf.Tensor>,
): T {
  const given = Object.entries(inputs).filter(([, tensor]) => tensor !== undefined);
  return (tf.engine() as unknown as Tape).runKernelFunc({
    inputs: Object.fromEntries(given) as Record<string, tf.Tensor>,
    attrs: {},
    forwardFunc: (_backend, save) => forward(save),
    backwardsFunc: (dy, saved) => gradient(dy as T, saved),
  }) as T;
}

/** Whether operations are now being recorded for gradients. */
export function isRecording(): boolean {
  return tf.engine().isTapeOn();
}

/**
 * Computes something that no gradient flows through, without recording it.
 * @param inputs Tensors of the recorded part that it reads.
 */
export function constant<T extends tf.Tensor>(inputs: Tensors, compute: () => T): T {
  return differentiable(inputs, compute, () => {
    throw new Error("Cannot differentiate what was declared constant");
  });
}
