import { deepStrictEqual as equal, strictEqual } from "node:assert/strict";
import { chooseWithoutTensorFlow, type Machine, unusedGpu } from "../../engine/choose.ts";

function machine(settings: Partial<Machine> & { files?: string[] }): Machine {
  const { files = [], ...rest } = settings;
  return {
    os: "linux",
    exists: (path) => files.includes(path),
    findGpu: () => Promise.reject(new Error("asked")),
    ...rest,
  };
}

const VULKAN = ["/usr/lib64/libvulkan.so.1"];

Deno.test("without Vulkan nobody looks for a GPU", async () => {
  equal(await chooseWithoutTensorFlow(machine({})), {
    name: "wasm",
    why: "there is no Vulkan for a GPU",
  });
});

Deno.test("a GPU is taken, software that plays one is not", async () => {
  const found = (name: string, software: boolean) =>
    machine({ files: VULKAN, findGpu: () => Promise.resolve({ name, software }) });
  equal(await chooseWithoutTensorFlow(found("Radeon", false)), {
    name: "webgpu",
    why: "there is a GPU, Radeon",
  });
  equal(await chooseWithoutTensorFlow(found("llvmpipe", true)), {
    name: "wasm",
    why: "there is no GPU but software, llvmpipe",
  });
});

Deno.test("a driver that fails is no reason to stop", async () => {
  const bad = machine({ os: "darwin", findGpu: () => Promise.reject(new Error("lost")) });
  equal(await chooseWithoutTensorFlow(bad), {
    name: "wasm",
    why: "its GPU does not open (lost)",
  });
});

Deno.test("whoever has an NVIDIA GPU is told where TensorFlow does not see it", () => {
  strictEqual(unusedGpu(machine({})), undefined);
  const told = unusedGpu(machine({ files: ["/dev/nvidia0"] }));
  if (Deno.env.get("CUDA_VISIBLE_DEVICES") === "") strictEqual(told, undefined);
  else strictEqual(told?.startsWith("An NVIDIA GPU is there that TensorFlow does not see: "), true);
});
