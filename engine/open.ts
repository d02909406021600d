import { join } from "node:path";
import { cacheFolder } from "../base/cache.ts";
import type { Engine } from "./mod.ts";
import { registerTensorFlow } from "./tensorflow.ts";
import { tf } from "./tf.ts";

/** Opens an engine. */
export async function openEngine(
  options: { name: "auto" | "tensorflow" | "webgpu" | "wasm"; threads?: number },
): Promise<Engine> {
  const threads = options.threads ?? navigator.hardwareConcurrency;
  const folder = join(cacheFolder(), "tensorflow-2.21.0-linux-x86_64");
  const binding = registerTensorFlow({
    framework: join(folder, "libtensorflow_framework.so.2"),
    cc: join(folder, "libtensorflow_cc.so.2"),
  }, threads);
  await tf.setBackend("tensorflow");
  const device = binding.isUsingGpuDevice() ? "gpu" : "cpu";
  return {
    name: "tensorflow",
    description: `TensorFlow ${binding.TF_Version}, ${device.toUpperCase()}, ${threads} threads`,
    device,
    threads,
  };
}
