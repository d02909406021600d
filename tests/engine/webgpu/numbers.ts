/**
 * Tests of numbers and memory on the engine webgpu, for a process of its own:
 * `deno test --allow-all tests/engine/webgpu/numbers.ts`. All fixtures with VITRINE_LONG_TESTS, else those
 * that a GPU played by the processor is through with in a minute.
 */
import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import { join } from "node:path";
import { openEngine } from "../../../engine/open.ts";
import { hasRawOps } from "../../../engine/raw.ts";
import { tf } from "../../../engine/tf.ts";
import { takeValues, valuesOf } from "../../../engine/values.ts";

await openEngine({ name: "webgpu" });
const { compareForward, compareTraining } = await import("../../vit/differences.ts");
const { FAMILY_FIXTURES, readModel } = await import("../../vit/golden.ts");
const { VisionTransformer } = await import("../../../vit/model.ts");
const { Trainer } = await import("../../../vit/trainer.ts");
const { trainableNames } = await import("../../../vit/parameters.ts");

/** As on every engine: README of the golden fixtures. */
const TOLERANCES: Record<string, number> = {
  hidden_states: 2e-5,
  attentions: 1e-5,
  logits: 2e-5,
  loss: 2e-4,
  grad_norm: 2e-3,
  weights: 5e-4,
};

for (const name of ["vit", "deit", "dinov2-swiglu", "dinov2-registers"]) {
  Deno.test(`webgpu: hidden states, attention, logits and training of ${name} are PyTorch's`, async () => {
    const all = {
      ...await compareForward(join(FAMILY_FIXTURES, name)),
      ...await compareTraining(name, "all", "pixels"),
    };
    for (const [what, difference] of Object.entries(all)) {
      ok(difference <= TOLERANCES[what], `${what} differ by ${difference}`);
    }
  });
}

Deno.test("webgpu: parts of a model train on activations as in PyTorch", async () => {
  for (const training of ["top", "head"] as const) {
    const all = await compareTraining("vit", training, "activations");
    for (const [what, difference] of Object.entries(all)) {
      ok(difference <= TOLERANCES[what], `${what} differ by ${difference}`);
    }
  }
});

Deno.test("webgpu: more tensors are added up than a shader can read", async () => {
  const before = tf.memory().numTensors;
  for (const count of [1, 2, 7, 8, 13, 14, 40]) {
    const sum = valuesOf(() =>
      tf.addN(Array.from({ length: count }, (_, i) => tf.tensor1d([i, 1])))
    );
    deepEqual([...await sum], [count * (count - 1) / 2, count], `${count} tensors`);
  }
  equal(tf.memory().numTensors, before);
});

Deno.test("webgpu: steps of training leave neither tensors nor buffers behind", async () => {
  const { config, weights } = await readModel("vit");
  const model = new VisionTransformer(config, weights);
  const trainer = new Trainer(model, {
    trainable: trainableNames(config),
    optimizer: { name: "adamw", weightDecay: 0.01, betas: [0.9, 0.999], epsilon: 1e-8 },
    learningRate: 1e-3,
    schedule: { name: "constant", warmupRatio: 0 },
    totalSteps: 10,
    clipNorm: 1,
    labelSmoothing: 0,
  });
  const held = () => {
    const { numTensors, numBytesInGPU, numBytesAllocatedInGPU } = tf
      .memory() as unknown as GpuMemory;
    return { numTensors, numBytesInGPU, numBytesAllocatedInGPU };
  };
  const pixels = tf.zeros([2, 32, 32, 3]) as tf.Tensor4D;
  const seen = [];
  for (let step = 0; step < 5; step++) {
    await trainer.step(() => model.forward(pixels), Int32Array.of(0, 1));
    await trainer.state(); // as a checkpoint does
    seen.push(held());
  }
  deepEqual(seen[4], seen[2]);
  trainer.dispose();
  model.dispose();
  pixels.dispose();
});

interface GpuMemory {
  readonly numTensors: number;
  readonly numBytesInGPU: number;
  readonly numBytesAllocatedInGPU: number;
}

Deno.test("webgpu: buffers of sizes that are no longer used are given back", async () => {
  const allocated = () => (tf.memory() as unknown as GpuMemory).numBytesAllocatedInGPU;
  for (const length of [27e6, 28e6, 29e6, 30e6]) {
    const x = tf.zeros([length]);
    await valuesOf(() => x.add(1).sum());
    x.dispose();
  }
  ok(allocated() < 1.5 * (2 * 4 * 30e6) + 2 ** 28, `${allocated()} bytes`);
});

Deno.test("webgpu: raw operations are not tried, values cannot be read at once", () => {
  equal(hasRawOps(), false);
  const sum = tf.ones([2]).add(1);
  throws(() => sum.dataSync(), /await its data\(\)/);
  sum.dispose();
});

Deno.test("webgpu: a tensor that is larger than the GPU can read is refused, with its size", () => {
  const length = deviceOf().limits.maxStorageBufferBindingSize / 4 + 4;
  throws(() => tf.tidy(() => tf.ones([length, 1]).add(1)), {
    name: "UserError",
    message: new RegExp(`^Cannot make a tensor of ${length}x1 on this GPU: it takes \\d+ MB`),
  });
});

// The device is gone after each of these, so they come last.
Deno.test("webgpu: an operation that the device refuses is an error, not a result of zeros", async () => {
  const x = tf.ones([2]).add(1);
  deviceOf().createBuffer({ size: 4, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.MAP_WRITE });
  await rejects(takeValues(x), { name: "UserError", message: /^The GPU refused an operation: / });
});

Deno.test("webgpu: a device that is lost is an error that says so, and what to do", async () => {
  const x = tf.ones([2]);
  deviceOf().destroy();
  await rejects(async () => await x.add(1).data(), {
    name: "UserError",
    message: /^The GPU was lost/,
    hint: /goes on from the last checkpoint/,
  });
});

function deviceOf(): GPUDevice {
  return (tf.backend() as unknown as { device: GPUDevice }).device;
}
