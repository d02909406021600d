import { strictEqual } from "node:assert/strict";
import { hasRawOps } from "../../engine/raw.ts";
import { tf } from "../../engine/tf.ts";
import { hasOneDnn } from "../../vit/ops/one_dnn.ts";
import "./golden.ts"; // opens an engine

/** An operation that works or fails, and counts how often it was tried. */
function attempts(works: boolean) {
  const operation = {
    tries: 0,
    run(): tf.Tensor {
      operation.tries++;
      if (!works) throw new Error("No registered kernel");
      return tf.zeros([1]);
    },
  };
  return operation;
}

const ignore = !hasRawOps();

for (const works of [true, false]) {
  Deno.test({
    name: `an operation that ${works ? "works" : "fails"} is tried once, and leaves no tensor`,
    ignore,
    fn() {
      const before = tf.memory().numTensors;
      const operation = attempts(works);
      for (let i = 0; i < 2; i++) strictEqual(hasOneDnn(`works: ${works}`, operation.run), works);
      strictEqual(operation.tries, 1);
      strictEqual(tf.memory().numTensors, before);
    },
  });
}

Deno.test({
  name: "on a GPU none is tried: it would run, on the CPU",
  ignore,
  fn() {
    const backend = tf.backend() as unknown as { isUsingGpuDevice: boolean };
    const was = backend.isUsingGpuDevice;
    const operation = attempts(true);
    try {
      backend.isUsingGpuDevice = true;
      strictEqual(hasOneDnn("on a GPU", operation.run), false);
    } finally {
      backend.isUsingGpuDevice = was;
    }
    strictEqual(operation.tries, 0);
  },
});
