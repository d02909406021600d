import { deepEqual, equal } from "node:assert/strict";
import { openEngine } from "../../engine/open.ts";
import { tf } from "../../engine/tf.ts";
import { valuesOf } from "../../engine/values.ts";

await openEngine({ name: "wasm" });

Deno.test("values are read, and no tensor is left behind", async () => {
  const before = tf.memory().numTensors;
  deepEqual(await valuesOf(() => tf.tensor1d([1, 2]).add(1)), Float32Array.of(2, 3));
  equal(tf.memory().numTensors, before);
});
