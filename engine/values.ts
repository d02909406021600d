import { tf } from "./tf.ts";

/**
 * The values of the tensor that `compute` makes; that and all others it makes are freed. (`tf.tidy`
 * must not return values: it looks for tensors among them one by one, at 3.5 µs each.)
 *
 * @param compute Gives a float32 tensor of its own, not one that was there before. It is run at once; what
 * it reads of JavaScript's arrays may change from then on.
 */
export function valuesOf(compute: () => tf.Tensor): Promise<Float32Array<ArrayBuffer>> {
  return takeValues(tf.tidy(compute));
}

/**
 * Reads a float32 tensor and frees it. Engines on a GPU can be read in no other way than with a
 * promise; on those that compute in this process it is fulfilled already.
 */
export async function takeValues(tensor: tf.Tensor): Promise<Float32Array<ArrayBuffer>> {
  try {
    return await tensor.data<"float32">() as Float32Array<ArrayBuffer>;
  } finally {
    tensor.dispose();
  }
}
