import { createRequire } from "node:module";
import { messageOf, UserError } from "../base/errors.ts";
import { tf } from "./tf.ts";
import { isSoftware, requireAdapter } from "./webgpu_adapter.ts";
import { Backend } from "./webgpu_backend.ts";
import { correctKernels } from "./webgpu_kernels.ts";

/** What executes WebGPU's operations. */
export interface WebGpuAdapter {
  /** As its driver calls it: "llvmpipe (LLVM 15.0.6, 256 bits)". */
  readonly name: string;
  /** Whether it is the processor that plays a GPU. */
  readonly software: boolean;
  /** The version of TensorFlow.js's package. */
  readonly version: string;
}

/** Limits that are no higher than a device asks for; the highest that the adapter has are asked for. */
const LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeWorkgroupsPerDimension",
  "maxComputeWorkgroupSizeX",
  "maxComputeInvocationsPerWorkgroup",
] as const;

/**
 * Opens the WebGPU backend on the fastest adapter that there is.
 *
 * @throws {UserError} if there is none, or its device can't be had.
 */
export async function registerWebGpu(): Promise<WebGpuAdapter> {
  const adapter = await requireAdapter();
  const name = adapter.info.description || adapter.info.vendor || "unnamed adapter";
  let device: GPUDevice;
  try {
    device = await adapter.requestDevice({
      requiredLimits: Object.fromEntries(LIMITS.map((limit) => [limit, adapter.limits[limit]])),
    });
  } catch (error) {
    throw new UserError(`Cannot use the engine webgpu on ${name}: ${messageOf(error)}`, {
      hint: "Use another engine.",
      cause: error,
    });
  }
  // Small tensors that were never on the GPU would be computed by JavaScript, with other last bits: a
  // run that goes on from a checkpoint would differ from one that was not stopped.
  tf.env().set("WEBGPU_CPU_FORWARD", false);
  // The package has registered an opening of its own, which asks for no limits.
  if (tf.findBackendFactory("webgpu")) tf.removeBackend("webgpu");
  tf.registerBackend("webgpu", () => new Backend(device, adapter.info));
  correctKernels();
  if (!await tf.setBackend("webgpu")) throw new Error("Cannot start the engine webgpu");
  const { version } = createRequire(import.meta.url)(
    "@tensorflow/tfjs-backend-webgpu/package.json",
  );
  return { name, software: isSoftware(adapter.info), version };
}
