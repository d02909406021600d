import { UserError } from "../base/errors.ts";

/** {@linkcode findAdapter}. @throws {UserError} if there is none. */
export async function requireAdapter(): Promise<GPUAdapter> {
  const adapter = await findAdapter();
  if (adapter !== null) return adapter;
  throw new UserError("Cannot use the engine webgpu: Deno finds no adapter on this machine", {
    hint: WHAT_TO_INSTALL[Deno.build.os] ?? "Install a driver for the GPU, or use another engine.",
  });
}

/**
 * The fastest adapter; null where there is none.
 *
 * Not for a process that has TensorFlow's library or will open it: both that and Mesa bring LLVM, and the
 * process crashes when each finds parts of the other's.
 */
export async function findAdapter(): Promise<GPUAdapter | null> {
  // Without a desktop's session Mesa's choice of a device prints that it finds none.
  const { build, env } = Deno;
  if (build.os === "linux" && env.get("XDG_RUNTIME_DIR") === undefined) {
    if (env.get("NODEVICE_SELECT") === undefined) env.set("NODEVICE_SELECT", "1");
  }
  return await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
}

/** Whether an adapter is the processor: Mesa's, Google's or Microsoft's. */
export function isSoftware({ isFallbackAdapter, description }: GPUAdapterInfo): boolean {
  return isFallbackAdapter || /llvmpipe|swiftshader|basic render/i.test(description);
}

const WHAT_TO_INSTALL: Partial<Record<typeof Deno.build.os, string>> = {
  linux: "Install Vulkan and a driver (on Debian and Ubuntu: apt install libvulkan1 " +
    "mesa-vulkan-drivers; NVIDIA's driver brings its own), or use another engine.",
};
