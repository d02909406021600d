import assert from "node:assert/strict";
import { openEngine } from "../../engine/open.ts";
import { tf } from "../../engine/tf.ts";

const before = globalThis.Worker;
const lines: string[] = [];
const report = { progress: () => {}, line: (text: string) => void lines.push(text) };
// What others would make workers by while the module starts: leases do, by a timer.
const meanwhile = new Set<unknown>();
const looking = setInterval(() => meanwhile.add(globalThis.Worker));
// Workers are there to the end of the process.
const engine = await openEngine({ name: "wasm", threads: 3, report });
clearInterval(looking);

Deno.test("wasm runs on as many threads as are asked for", () => {
  assert.equal(engine.threads, 3);
  assert.equal(engine.description, "TensorFlow.js WebAssembly 4.22.0, CPU, SIMD, 3 threads");
  assert.deepEqual(lines, []);
  assert.equal(globalThis.Worker, before);
  assert.deepEqual([...meanwhile], [before]);
});

Deno.test("wasm with threads multiplies as plain loops do", () => {
  const shapes: [number[], number[]][] = [[[97, 33], [33, 65]], [[2, 3, 17, 5], [2, 3, 5, 9]]];
  for (const [left, right] of shapes) {
    const [a, b] = [tf.randomNormal(left, 0, 1), tf.randomNormal(right, 0, 1)];
    assertNear(tf.matMul(a, b).dataSync(), plainProduct(a, b));
    tf.dispose([a, b]);
  }
  const many = tf.ones([200_000]); // enough that it is split
  assert.equal(tf.tidy(() => many.add(1).relu().sum().dataSync()[0]), 400_000);
});

function plainProduct(a: tf.Tensor, b: tf.Tensor): Float32Array {
  const [m, k] = a.shape.slice(-2);
  const n = b.shape.at(-1)!;
  const [left, right] = [a.dataSync(), b.dataSync()];
  return Float32Array.from({ length: left.length / k * n }, (_, at) => {
    const [stack, row, column] = [Math.floor(at / (m * n)), Math.floor(at / n) % m, at % n];
    let sum = 0;
    for (let i = 0; i < k; i++) {
      sum += left[(stack * m + row) * k + i] * right[(stack * k + i) * n + column];
    }
    return sum;
  });
}

function assertNear(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  assert.equal(actual.length, expected.length);
  for (let i = 0; i < actual.length; i++) assert.ok(Math.abs(actual[i] - expected[i]) < 1e-5);
}
