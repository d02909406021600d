import util from "node:util";
import { TensorFlowBinding } from "./binding.ts";
import type { CApi, Pointer } from "./capi.ts";
import { createContext } from "./context.ts";
import { correctKernels } from "./corrections.ts";
import { openTensorFlow } from "./dlopen.ts";
import { requireBesideKernels, tf } from "./tf.ts";

/** Paths of TensorFlow's two libraries. */
export interface LibraryFiles {
  readonly framework: string;
  readonly cc: string;
}

let opened: TensorFlowBinding | undefined;
let parts: { readonly c: CApi; readonly context: Pointer } | undefined;

/**
 * Opens TensorFlow and registers it with TensorFlow.js as the backend `tensorflow`. One context
 * serves the whole process.
 *
 * @param threads Threads within one operation, at least 1.
 * @throws {Error} where the libraries do not load.
 */
export function registerTensorFlow(files: LibraryFiles, threads: number): TensorFlowBinding {
  if (opened) return opened;
  setVariables();
  const c = openTensorFlow(files.framework, files.cc);
  const { context, device } = createContext(c, threads);
  const binding = new TensorFlowBinding(c, context, device);
  parts = { c, context };
  // The kernels of TensorFlow.js call two functions that Node.js has removed.
  Object.assign(util, {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: Array.isArray,
  });
  const kernels = "@tensorflow/tfjs-node-gpu/dist";
  const { NodeJSKernelBackend } = requireBesideKernels(`${kernels}/nodejs_kernel_backend`);
  requireBesideKernels(`${kernels}/register_all_kernels`);
  correctKernels();
  tf.registerBackend("tensorflow", () => new NodeJSKernelBackend(binding, "tensorflow"));
  return opened = binding;
}

/** The binding of the engine `tensorflow`, once it is open. */
export function openBinding(): TensorFlowBinding | undefined {
  return opened;
}

/** What a graph is made and run with, once the engine `tensorflow` is open. */
export function openParts(): { readonly c: CApi; readonly context: Pointer } | undefined {
  return parts;
}

/** TensorFlow reads these when it is loaded. What the user has set stays. */
function setVariables(): void {
  const variables = {
    TF_CPP_MIN_LOG_LEVEL: "2", // errors only
    TF_ENABLE_ONEDNN_OPTS: "1", // about twice as fast on x86
    TF_DETERMINISTIC_OPS: "1", // equal bits from run to run, at the same number of threads
    NVIDIA_TF32_OVERRIDE: "0", // float32 products in float32 on the GPU as well
  };
  for (const [name, value] of Object.entries(variables)) {
    if (Deno.env.get(name) === undefined) Deno.env.set(name, value);
  }
}
