import { messageOf } from "../base/errors.ts";

/** What `auto` takes where TensorFlow can't be had, and why. */
export interface Choice {
  readonly name: "webgpu" | "wasm";
  /** Part of a sentence. */
  readonly why: string;
}

/** What is asked of the machine; tests give others. */
export interface Machine {
  readonly os: typeof Deno.build.os;
  exists(path: string): boolean;
  /** Looks for a GPU: 0.6 s where Vulkan is installed. */
  findGpu(): Promise<{ readonly name: string; readonly software: boolean } | undefined>;
}

/** Where Linux distributions put the Vulkan loader. */
const VULKAN = [
  "/usr/lib/x86_64-linux-gnu",
  "/usr/lib/aarch64-linux-gnu",
  "/usr/lib64",
  "/usr/lib",
].map((folder) => `${folder}/libvulkan.so.1`);

/**
 * Between the engines that need no TensorFlow: a real GPU by WebGPU, else WebAssembly. The processor
 * that plays a GPU is never taken: it is slower than WebAssembly by far.
 *
 * It is not asked before TensorFlow was tried. A GPU by WebGPU may well be faster than TensorFlow on
 * the CPU, but that could not be measured yet, and the question alone takes longer than many a run.
 */
export async function chooseWithoutTensorFlow(machine: Machine = THIS): Promise<Choice> {
  // Without the loader there is nothing to find, and the code that looks is not loaded.
  if (machine.os === "linux" && !VULKAN.some(machine.exists)) {
    return { name: "wasm", why: "there is no Vulkan for a GPU" };
  }
  try {
    const gpu = await machine.findGpu();
    if (gpu && !gpu.software) return { name: "webgpu", why: `there is a GPU, ${gpu.name}` };
    const what = gpu ? `no GPU but software, ${gpu.name}` : "no GPU";
    return { name: "wasm", why: `there is ${what}` };
  } catch (error) {
    return { name: "wasm", why: `its GPU does not open (${messageOf(error)})` };
  }
}

/**
 * A sentence for those who have an NVIDIA GPU that TensorFlow does not use; undefined for others.
 * Costs a look at the disk.
 */
export function unusedGpu(machine: Machine = THIS): string | undefined {
  if (machine.os !== "linux" || !machine.exists("/dev/nvidia0")) return undefined;
  if (Deno.env.get("CUDA_VISIBLE_DEVICES") === "") return undefined; // hidden on purpose
  const own = Deno.env.get("VITRINE_TENSORFLOW");
  const what = own
    ? `is the one in VITRINE_TENSORFLOW=${own} a build for CUDA, with CUDA's libraries beside it?`
    : "set VITRINE_TENSORFLOW to the tensorflow folder of `pip install tensorflow[and-cuda]`";
  return `An NVIDIA GPU is there that TensorFlow does not see: ${what} (docs/engines.md)`;
}

const THIS: Machine = {
  os: Deno.build.os,
  exists(path) {
    try {
      Deno.statSync(path);
      return true;
    } catch {
      return false;
    }
  },
  async findGpu() {
    const { findAdapter, isSoftware } = await import("./webgpu_adapter.ts");
    const info = (await findAdapter())?.info;
    return info && { name: info.description || info.vendor, software: isSoftware(info) };
  },
};
