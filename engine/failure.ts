import { UserError } from "../base/errors.ts";

/** TF_Code of what does not fit into memory (tensorflow/c/tsl_status.h). */
const RESOURCE_EXHAUSTED = 8;

/**
 * What went wrong in TensorFlow. A lack of memory is told in one sentence, with what to do.
 *
 * @param what What could not be done: "run MatMul".
 * @param code TF_Code of the status.
 * @param message TensorFlow's, which may be pages long and end in a stack of its own.
 */
export function failureOf(what: string, code: number, message: string, isGpu: boolean): Error {
  if (code !== RESOURCE_EXHAUSTED) return new Error(`Cannot ${what}: ${message}`);
  const shape = /shape\s*\[[\d,]*\]/.exec(message)?.[0];
  const where = isGpu ? "the GPU has" : "this machine has";
  const reason = shape
    ? `a tensor of ${shape} needs more memory than ${where} left`
    : "there is not enough memory";
  const others = isGpu ? "; end what else uses the GPU (nvidia-smi)" : "";
  return new UserError(`Cannot ${what}: ${reason}`, {
    hint:
      `Use a smaller batch_size (with accumulate the steps stay the same), or freeze more${others}.`,
  });
}
