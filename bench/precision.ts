/**
 * The frozen part of a model in float32 and in bfloat16, in turns: time, and how far the activations
 * are apart.
 *
 *     deno run -A bench/precision.ts MODEL BLOCKS BATCH BATCHES [POOL] [OUTPUT]
 *
 * Each batch goes through both; times are medians over the batches, on the clock and of the
 * processor's, which other programs on the machine disturb less. POOL is `images.safetensors` of
 * preprocess; without it ("-") pixels are made up. OUTPUT keeps pixels and activations for
 * bench/precision.py, which has PyTorch do the same.
 */
import { join } from "node:path";
import process from "node:process";
import { writeSafetensors } from "../base/safetensors_writer.ts";
import { PixelBatches } from "../data/batches.ts";
import { openEngine } from "../engine/open.ts";
import { tf } from "../engine/tf.ts";
import { Bfloat16Blocks } from "../vit/bfloat16.ts";
import { parseModelConfig } from "../vit/config.ts";
import { VisionTransformer } from "../vit/model.ts";
import { readWeights } from "../vit/weights.ts";
import { randomVitBase } from "./random_model.ts";
import { pixel } from "./work.ts";

const [model, blocks, batch, batches, pool = "-", output] = Deno.args;
const folder = model === "random-vit-base" ? await randomVitBase() : model;
const [count, size, rounds] = [blocks, batch, batches].map(Number);
const engine = await openEngine({ name: "tensorflow" });
const path = join(folder, "config.json");
const config = parseModelConfig(JSON.parse(await Deno.readTextFile(path)), path);
const vit = new VisionTransformer(config, await readWeights(folder, config));
using rounded = new Bfloat16Blocks(vit, count);
const [height, width] = config.imageSize;
using images = pool === "-" ? undefined : await PixelBatches.open(pool, {
  resize: { height, width, resample: "bilinear" },
  crop: null,
  rescale_factor: 1 / 255,
  mean: [0.5, 0.5, 0.5],
  std: [0.5, 0.5, 0.5],
});

const pixels = new Float32Array(rounds * size * height * width * 3);
const made: Record<"float32" | "bfloat16", Float32Array[]> = { float32: [], bfloat16: [] };
const clock: Record<string, number[]> = { float32: [], bfloat16: [] };
const processor: Record<string, number[]> = { float32: [], bfloat16: [] };
for (let round = -1; round < rounds; round++) {
  const first = Math.max(0, round) * size; // the first time warms up
  const rows = Int32Array.from({ length: size }, (_, i) => first + i);
  const some = images?.read(rows).pixels ??
    Float32Array.from({ length: size * height * width * 3 }, (_, i) => pixel(i + 7 * first));
  pixels.set(some, first * height * width * 3);
  const order = round % 2 === 0
    ? ["float32", "bfloat16"] as const
    : ["bfloat16", "float32"] as const;
  for (const precision of order) {
    const [started, used] = [performance.now(), process.cpuUsage()];
    const activations = tf.tidy(() => {
      const x = vit.embed(tf.tensor4d(some, [size, height, width, 3]));
      return precision === "float32" ? vit.blocks(x, 0, count) : rounded.apply(x);
    });
    const values = activations.dataSync<"float32">();
    activations.dispose();
    if (round < 0) continue;
    clock[precision].push(performance.now() - started);
    const { user, system } = process.cpuUsage(used);
    processor[precision].push((user + system) / 1000);
    made[precision].push(values);
  }
}

const quantile = (values: readonly number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.floor(share * (values.length - 1))];
const times = (values: number[]) =>
  `${quantile(values, 0.5).toFixed(1)} (${quantile(values, 0.25).toFixed(1)} to ${
    quantile(values, 0.75).toFixed(1)
  })`;
console.log(`${engine.description}; ${count} blocks, ${rounds} batches of ${size} images`);
for (const precision of ["float32", "bfloat16"]) {
  console.log(
    `${precision}: ${times(clock[precision])} ms a batch, processor ${times(processor[precision])}`,
  );
}
for (const [what, of] of [["clock", clock], ["processor", processor]] as const) {
  const ratios = of.float32.map((time, i) => time / of.bfloat16[i]);
  console.log(
    `float32 / bfloat16, ${what}: ${quantile(ratios, 0.5).toFixed(2)} ` +
      `(${quantile(ratios, 0.25).toFixed(2)} to ${quantile(ratios, 0.75).toFixed(2)})`,
  );
}

let [sum, squares, errors, absolute, worst, numbers] = [0, 0, 0, 0, 0, 0];
made.float32.forEach((values, at) => {
  for (let i = 0; i < values.length; i++) {
    const error = Math.abs(made.bfloat16[at][i] - values[i]);
    sum += values[i];
    squares += values[i] ** 2;
    errors += error ** 2;
    absolute += error;
    worst = Math.max(worst, error);
  }
  numbers += values.length;
});
const deviation = Math.sqrt(squares / numbers - (sum / numbers) ** 2);
const relative = (x: number) => (x / deviation).toExponential(2);
console.log(
  `activations' deviation ${deviation.toFixed(3)}; error over it: mean ${
    relative(absolute / numbers)
  }, root of mean square ${relative(Math.sqrt(errors / numbers))}, largest ${relative(worst)}`,
);

if (output) {
  const tokens = numbers / (rounds * size * config.hiddenSize);
  const activations = (precision: keyof typeof made) => {
    const data = new Float32Array(numbers);
    made[precision].forEach((values, at) => data.set(values, at * values.length));
    return { dtype: "F32", shape: [rounds * size, tokens, config.hiddenSize], data } as const;
  };
  await writeSafetensors(output, {
    pixels: { dtype: "F32", shape: [rounds * size, height, width, 3], data: pixels },
    float32: activations("float32"),
    bfloat16: activations("bfloat16"),
  });
}
