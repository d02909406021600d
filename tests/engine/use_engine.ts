/**
 * Opens an engine, uses it, and ends in the way that is asked for:
 * `use_engine.ts tensorflow|webgpu|wasm|auto return|exit|throw|reject|work`.
 */
import { openEngine } from "../../engine/open.ts";
import { tf } from "../../engine/tf.ts";
import { valuesOf } from "../../engine/values.ts";

const [name, ending] = Deno.args;
// On wasm the second thread is a worker, which must not keep the process.
const threads = name === "wasm" ? 2 : 1;
await openEngine({ name: name as "tensorflow" | "webgpu" | "wasm" | "auto", threads });
const x = tf.randomNormal([64, 64]) as tf.Tensor2D;
console.log(x.matMul(x).shape.join());
if (ending === "exit") Deno.exit(3);
if (ending === "throw") throw new Error("uncaught");
if (ending === "reject") Promise.reject(new Error("unhandled"));
while (ending === "work") {
  await valuesOf(() => x.matMul(x));
  await new Promise((resolve) => setTimeout(resolve)); // without this no signal is ever seen
}
