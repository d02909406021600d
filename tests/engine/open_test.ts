import assert from "node:assert/strict";
import { join } from "node:path";
import { openEngine } from "../../engine/open.ts";
import { hasRawOps, rawOp } from "../../engine/raw.ts";
import { tf } from "../../engine/tf.ts";
import { wheelOfThisPlatform } from "../../engine/wheel.ts";

/** Runs with the cache where none can be made: below a file. */
async function withoutCache(run: () => Promise<void>): Promise<void> {
  const variables = ["VITRINE_CACHE", "VITRINE_TENSORFLOW"];
  const before = variables.map((name) => Deno.env.get(name));
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(join(folder, "file"), "");
  Deno.env.set("VITRINE_CACHE", join(folder, "file", "cache"));
  Deno.env.delete("VITRINE_TENSORFLOW");
  try {
    await run();
  } finally {
    variables.forEach((name, i) => {
      if (before[i] === undefined) Deno.env.delete(name);
      else Deno.env.set(name, before[i]);
    });
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a number of threads below one is refused", async () => {
  await assert.rejects(openEngine({ name: "wasm", threads: 0 }), {
    name: "RangeError",
    message: "Cannot use 0 threads: a whole number of at least 1 is needed",
  });
});

Deno.test("tensorflow by name is an error where the library cannot be had", async () => {
  await withoutCache(async () => {
    await assert.rejects(openEngine({ name: "tensorflow" }), {
      name: wheelOfThisPlatform() ? "DiskError" : "UserError",
      message: wheelOfThisPlatform()
        ? /^Cannot put TensorFlow into .*cache: /
        : /^Cannot use the engine tensorflow on /,
    });
  });
});

Deno.test("auto says in one line why it goes on with wasm", async () => {
  await withoutCache(async () => {
    const lines: string[] = [];
    // Mesa's LLVM and TensorFlow's, which other files' tests have loaded, end a process that has both.
    const machine = { os: "linux", exists: () => false, findGpu: () => Promise.reject() } as const;
    const report = { progress: () => {}, line: (text: string) => void lines.push(text) };
    const engine = await openEngine({ name: "auto", threads: 1, report, machine });
    assert.equal(engine.name, "wasm");
    assert.equal(engine.description, "TensorFlow.js WebAssembly 4.22.0, CPU, SIMD, 1 thread");
    assert.equal(lines.length, 1);
    assert.match(engine.why!, /; there is no /);
    assert.match(lines[0], /; going on with the engine wasm, which is slower: there is no /);
  });
});

Deno.test("the engine that is open is given again, and another one is refused", async () => {
  const engine = await openEngine({ name: "auto", threads: 1 });
  assert.equal(engine.name, "wasm");
  await assert.rejects(openEngine({ name: "wasm", threads: 1 }), {
    message: "Cannot open the engine wasm (threads: 1): auto (threads: 1) is open in this process",
  });
});

Deno.test("wasm multiplies matrices however their factors lie", () => {
  const a = tf.tensor2d([[1, 2], [3, 4], [5, 6]]);
  const b = tf.tensor2d([[1, 0], [2, 1], [0, 1]]);
  const before = tf.memory().numDataBuffers;
  tf.tidy(() => {
    assert.deepEqual(Array.from(tf.matMul(a, b, true, false).dataSync()), [7, 8, 10, 10]);
    assert.deepEqual(
      Array.from(tf.matMul(a, b, false, true).dataSync()),
      [1, 4, 2, 3, 10, 4, 5, 16, 6],
    );
    const wide = a.reshape([2, 3]) as tf.Tensor2D; // [[1, 2, 3], [4, 5, 6]]
    assert.deepEqual(
      Array.from(tf.matMul(wide, b, true, true).dataSync()),
      [1, 6, 4, 2, 9, 5, 3, 12, 6],
    );
    const batch = tf.stack([a, b]) as tf.Tensor3D;
    assert.deepEqual(
      Array.from(tf.matMul(batch, batch, true, false).dataSync()),
      [35, 44, 44, 56, 5, 2, 2, 2],
    );
    // One matrix for the whole stack.
    assert.deepEqual(
      Array.from(tf.matMul(batch, b.expandDims<tf.Tensor3D>(0), false, true).dataSync()),
      [1, 4, 2, 3, 10, 4, 5, 16, 6, 1, 2, 0, 2, 5, 1, 0, 1, 1],
    );
  });
  assert.equal(tf.memory().numDataBuffers, before);
});

Deno.test("operations cannot be run by name on wasm", () => {
  assert.equal(hasRawOps(), false);
  assert.throws(() => rawOp("Neg", {}, []), {
    message: "Cannot run Neg on the engine wasm: only on tensorflow",
  });
});
