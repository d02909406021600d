import { untraced } from "../../engine/compiled.ts";
import { hasRawOps } from "../../engine/raw.ts";
import { tf } from "../../engine/tf.ts";

const probed = new Map<string, boolean>();

/**
 * Whether the engine has an operation of oneDNN's. That can't be asked: it is tried, once. On a GPU it
 * has none: TensorFlow would run it all the same, on the CPU, and carry everything there and back.
 *
 * @param operation What makes it another one.
 * @param attempt Runs it on next to nothing.
 */
export function hasOneDnn(operation: string, attempt: () => tf.Tensor): boolean {
  if (!hasRawOps() || isOnGpu()) return false;
  let works = probed.get(operation);
  if (works === undefined) {
    works = untraced(() =>
      tf.tidy(() => {
        try {
          attempt();
          return true;
        } catch {
          return false;
        }
      })
    );
    probed.set(operation, works);
  }
  return works;
}

/** Whether the engine `tensorflow` computes on a GPU. */
function isOnGpu(): boolean {
  return (tf.backend() as { isUsingGpuDevice?: boolean }).isUsingGpuDevice === true;
}
