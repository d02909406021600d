/**
 * Where the time of some work goes, operation by operation:
 *
 *     deno run -A bench/profile.ts '{"kind":"forward","model":"models/vit-tiny-patch8-64","batch":8}' [REPEATS] [THREADS]
 *
 * The work is as bench/work.ts has it. TensorFlow's operations run while they are called for, so
 * that the clock around a call is theirs; what is left is JavaScript, and waiting for the disk.
 */
import { openEngine } from "../engine/open.ts";
import { openBinding } from "../engine/tensorflow.ts";
import { prepare } from "./our_work.ts";

const [work, repeats = "5", threads = String(navigator.hardwareConcurrency)] = Deno.args;
const engine = await openEngine({ name: "tensorflow", threads: Number(threads) });
const once = await prepare(JSON.parse(work));
await once();

const spent = new Map<string, { calls: number; milliseconds: number }>();
const binding = openBinding()!;
const execute = binding.executeOp.bind(binding);
binding.executeOp = (name, attributes, inputs, outputs) => {
  const started = performance.now();
  const made = execute(name, attributes, inputs, outputs);
  // The shapes tell apart products that cost a hundred times as much as others.
  const shape = made.map(({ shape }) => `[${shape}]`).slice(0, 2).join(" ");
  const key = `${name} ${shape}`;
  const so = spent.get(key) ?? { calls: 0, milliseconds: 0 };
  so.calls++;
  so.milliseconds += performance.now() - started;
  spent.set(key, so);
  return made;
};
const started = performance.now();
for (let i = 0; i < Number(repeats); i++) await once();
const total = (performance.now() - started) / Number(repeats);

const rows = [...spent].map(([name, { calls, milliseconds }]) => ({
  name,
  calls: calls / Number(repeats),
  milliseconds: milliseconds / Number(repeats),
})).sort((a, b) => b.milliseconds - a.milliseconds);
const inside = rows.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
console.log(
  `${engine.description}: ${total.toFixed(1)} ms, of which operations ${inside.toFixed(1)}`,
);
for (const { name, calls, milliseconds } of rows.slice(0, 30)) {
  const share = (100 * milliseconds / total).toFixed(1).padStart(5);
  console.log(`${milliseconds.toFixed(2).padStart(9)} ms ${share}%  ${calls} x ${name}`);
}
