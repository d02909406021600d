/**
 * Times the four kinds of work that a run is made of, with the model in the box and ViT-B/16:
 *
 *     deno run -A bench/step.ts                                # alone
 *     VITRINE_PYTHON=python3 deno run -A bench/step.ts         # beside PyTorch, one after the other
 *
 * Processor time is the sum over threads: it hardly changes when other programs are running too.
 */
import { join } from "node:path";
import process from "node:process";
import { openEngine } from "../engine/open.ts";
import { tf } from "../engine/tf.ts";
import { type ModelConfig, parseModelConfig } from "../vit/config.ts";
import { VisionTransformer } from "../vit/model.ts";
import { parametersOf, sizeOf } from "../vit/parameters.ts";
import { Trainer } from "../vit/trainer.ts";
import { type HostTensor, readWeights } from "../vit/weights.ts";

interface Times {
  readonly fastest: number;
  readonly median: number;
  readonly processor: number;
}

const WORK: Record<string, string> = {
  step: "training step, top 2 of 8 blocks, 128 images of 65 tokens x 192",
  score: "their logits, same blocks and images",
  trunk: "embeddings and lowest 6 blocks, 128 images",
  base: "ViT-B/16 forward, 8 images of 224 x 224",
};

/** Milliseconds of some work that ends with reading a result back, so that the engine is done. */
function measure(work: () => void, repeat: number): Times {
  work();
  const before = process.cpuUsage();
  const walls = Array.from({ length: repeat }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  }).sort((a, b) => a - b);
  const { user, system } = process.cpuUsage(before);
  const processor = (user + system) / 1e3 / repeat;
  return { fastest: walls[0], median: walls[repeat >> 1], processor };
}

function readBack(compute: () => tf.Tensor): void {
  const result = tf.tidy(compute);
  result.dataSync();
  result.dispose();
}

function ownTimes(config: ModelConfig, weights: Map<string, HostTensor>): Record<string, Times> {
  const model = new VisionTransformer(config, weights);
  const parts = ["block 6", "block 7", "norm", "head"];
  const trainer = new Trainer(model, {
    trainable: parametersOf(config).filter(({ part }) => parts.includes(part)).map((p) => p.name),
    optimizer: { name: "adamw", weightDecay: 0.01, betas: [0.9, 0.999], epsilon: 1e-8 },
    learningRate: 5e-4,
    schedule: { name: "constant", warmupRatio: 0 },
    totalSteps: 1000,
    clipNorm: 1,
    labelSmoothing: 0,
  });
  const normal = (...shape: number[]) => tf.randomNormal(shape, 0, 1, "float32", 1);
  const features = normal(128, 65, 192) as tf.Tensor3D;
  const pixels = normal(128, 64, 64, 3) as tf.Tensor4D;
  const labels = Int32Array.from({ length: 128 }, (_, i) => i % 10);
  const times = {
    step: measure(() => trainer.step(() => model.classify(features, 6), labels), 12),
    score: measure(() => readBack(() => model.classify(features, 6)), 12),
    trunk: measure(() => readBack(() => model.blocks(model.embed(pixels), 0, 6)), 6),
  };
  trainer.dispose();
  model.dispose();

  const base = parseModelConfig({ model_type: "vit", num_labels: 1000 }, "ViT-B/16");
  const random = parametersOf(base).map(({ name, shape }): [string, HostTensor] => {
    const data = Float32Array.from({ length: sizeOf(shape) }, () => 0.02 * Math.random());
    return [name, { shape: [...shape], data }];
  });
  const large = new VisionTransformer(base, new Map(random));
  const images = normal(8, 224, 224, 3) as tf.Tensor4D;
  return { ...times, base: measure(() => readBack(() => large.forward(images)), 4) };
}

const folder = join(import.meta.dirname!, "../models/vit-tiny-patch8-64");
const python = Deno.env.get("VITRINE_PYTHON");
let peer: { name: string; times: Record<string, Times> } | undefined;
if (python) {
  const script = join(import.meta.dirname!, "step.py");
  const { stdout, stderr, success } = await new Deno.Command(python, { args: [script, folder] })
    .output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  peer = JSON.parse(new TextDecoder().decode(stdout).trim().split("\n").at(-1)!);
}
const engine = await openEngine({ name: "auto" });
const path = join(folder, "config.json");
const config = parseModelConfig(JSON.parse(await Deno.readTextFile(path)), path);
const own = ownTimes(config, await readWeights(folder, config));

const show = ({ fastest, median, processor }: Times) =>
  `fastest ${fastest.toFixed(0)}, median ${median.toFixed(0)}, processor ${
    processor.toFixed(0)
  } ms`;
for (const [work, what] of Object.entries(WORK)) {
  console.log(what);
  console.log(`  ${engine.description}: ${show(own[work])}`);
  if (peer) {
    const ratio = (key: keyof Times) => (peer.times[work][key] / own[work][key]).toFixed(2);
    console.log(`  ${peer.name}: ${show(peer.times[work])}`);
    console.log(
      `  times as fast: ${ratio("median")} by median, ${ratio("processor")} by processor`,
    );
  }
}
