import { deepStrictEqual as equal, match, ok, strictEqual, throws } from "node:assert/strict";
import { UserError } from "../../base/errors.ts";
import { gpuMemoryShare, sessionConfig } from "../../engine/context.ts";
import { failureOf } from "../../engine/failure.ts";
import { openEngine } from "../../engine/open.ts";
import { tf } from "../../engine/tf.ts";

Deno.test("TensorFlow is given a share of the GPU's memory, and grows within it", () => {
  equal([...sessionConfig(2)], [2 << 3, 2, 5 << 3, 1, 6 << 3 | 2, 2, 4 << 3, 1, 7 << 3, 1]);
  const gpu = [1 << 3 | 1, 0, 0, 0, 0, 0, 0, 0xe0, 0x3f, 4 << 3, 1]; // 0.5 as eight bytes
  equal([...sessionConfig(2, 0.5)], [16, 2, 40, 1, 6 << 3 | 2, gpu.length, ...gpu, 56, 1]);
});

Deno.test("a share is above 0 and at most 1", () => {
  strictEqual(gpuMemoryShare("0.25"), 0.25);
  strictEqual(gpuMemoryShare(""), undefined);
  for (const bad of ["0", "2", "half", "-1"]) throws(() => gpuMemoryShare(bad), UserError);
});

Deno.test("a lack of memory is told in one sentence with what to do, anything else as it is", () => {
  const long = "OOM when allocating tensor with shape[256,197,3072] and type float on " +
    "/job:localhost/replica:0/task:0/device:GPU:0 by allocator GPU_0_bfc [Op:MatMul]\n\nStack";
  const error = failureOf("run MatMul", 8, long, true) as UserError;
  ok(error instanceof UserError);
  strictEqual(
    error.message,
    "Cannot run MatMul: a tensor of shape[256,197,3072] needs more memory than the GPU has left",
  );
  match(error.hint!, /smaller batch_size.*nvidia-smi/);
  strictEqual(failureOf("run X", 3, "bad", true).message, "Cannot run X: bad");
});

const hasGpu = Deno.env.get("VITRINE_LONG_TESTS") !== undefined &&
  Deno.build.os === "linux" && exists("/dev/nvidia0");

Deno.test({
  name: "on a GPU: products, their gradients, and values there and back" +
    (hasGpu ? "" : " (skipped: no NVIDIA GPU, or not --long)"),
  ignore: !hasGpu,
  async fn() {
    const engine = await openEngine({ name: "tensorflow" });
    strictEqual(engine.device, "gpu");
    const values = Float32Array.from({ length: 64 * 64 }, (_, i) => Math.sin(i));
    const x = tf.tensor2d(values, [64, 64]);
    equal(await x.data(), values);
    const gradient = tf.grad((y) => tf.matMul(y as tf.Tensor2D, x).sum())(x);
    const sums = Array.from(
      { length: 64 },
      (_, i) => values.subarray(64 * i, 64 * i + 64).reduce((sum, value) => sum + value, 0),
    );
    const found = await gradient.data();
    // float32, not TF32, whose eleven bits would be off by a hundred times as much.
    for (let i = 0; i < 64; i++) ok(Math.abs(found[i] - sums[i]) < 1e-5);
  },
});

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
