import assert from "node:assert/strict";
import { join } from "node:path";
import { cudaLibraries, openInAnyOrder } from "../../engine/cuda.ts";

Deno.test("CUDA's libraries are found beside the package tensorflow", async () => {
  const packages = await Deno.makeTempDir();
  try {
    const files = [
      "nvidia/cublas/lib/libcublas.so.12",
      "nvidia/cudnn/lib/libcudnn.so.9",
      "nvidia/cudnn/lib/README.md",
      "nvidia/cudnn/include/cudnn.h",
    ];
    for (const file of files) {
      await Deno.mkdir(join(packages, file, ".."), { recursive: true });
      await Deno.writeTextFile(join(packages, file), "");
    }
    assert.deepEqual(cudaLibraries(join(packages, "tensorflow")), [
      join(packages, "nvidia/cublas/lib/libcublas.so.12"),
      join(packages, "nvidia/cudnn/lib/libcudnn.so.9"),
    ]);
  } finally {
    await Deno.remove(packages, { recursive: true });
  }
});

Deno.test("where there are no CUDA libraries, none are found", () => {
  assert.deepEqual(cudaLibraries("/nowhere/tensorflow"), []);
});

Deno.test("libraries open whatever they need first, and one that never opens does not stop them", () => {
  const needs: Record<string, string[]> = { a: ["b"], b: ["c"], c: [], d: ["missing"] };
  const opened: string[] = [];
  openInAnyOrder(["a", "b", "c", "d"], (path) => {
    if (!needs[path].every((need) => opened.includes(need))) return false;
    opened.push(path);
    return true;
  });
  assert.deepEqual(opened, ["c", "b", "a"]);
});
