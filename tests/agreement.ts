/**
 * Measures how far from PyTorch every model family is, and every training run of the fixtures, and
 * writes docs/agreement.md: `deno task agreement`.
 */
import { join } from "node:path";
import { openSafetensors } from "../base/safetensors.ts";
import { createResizer, RESAMPLE_NAMES } from "../data/resample.ts";
import { runTrajectories } from "./end-to-end/trajectories.ts";
import {
  compareForward,
  compareResized,
  compareTraining,
  type Differences,
  TRAININGS,
} from "./vit/differences.ts";
import { FAMILY_FIXTURES } from "./vit/golden.ts";

const ROOT = join(import.meta.dirname!, "..");
const TARGET = join(ROOT, "docs/agreement.md");

const GOLDEN_CLASSIFIERS = [
  ["vit", "ViT"],
  ["vit-f16", "ViT, weights in float16"],
  ["vit-bf16", "ViT, weights in bfloat16"],
  ["vit-sharded", "ViT, several files with an index"],
  ["vit-nobias-gelunew", "ViT, no bias of query, key and value; gelu_new; epsilon 1e-6"],
  ["vit-backbone", "ViT, backbone without a head"],
  ["deit", "DeiT"],
  ["deit-teacher", "DeiT, mean of two heads"],
  ["dinov2", "DINOv2"],
  ["dinov2-swiglu", "DINOv2, SwiGLU"],
  ["dinov2-registers", "DINOv2 with registers"],
];

const FAMILIES = [
  ["vit", "ViT"],
  ["deit", "DeiT, relu"],
  ["deit-teacher", "DeiT, mean of two heads, no bias, gelu_new"],
  ["dinov2", "DINOv2, no bias"],
  ["dinov2-swiglu", "DINOv2, SwiGLU, no mask token"],
  ["dinov2-registers", "DINOv2 with registers, SwiGLU"],
];

async function main() {
  const forward: string[][] = [];
  for (const [folder, what] of GOLDEN_CLASSIFIERS) {
    const found = await compareForward(folder);
    const output = found.logits ?? found.last_hidden_state;
    forward.push([what, ...[found.hidden_states, found.attentions, output].map(power)]);
  }
  const families: string[][] = [];
  for (const [name, what] of FAMILIES) {
    const { hidden_states, attentions, logits } = await compareForward(join(FAMILY_FIXTURES, name));
    const larger = await compareResized(name, "larger");
    const smaller = await compareResized(name, "smaller");
    const trained = await Promise.all(
      (Object.keys(TRAININGS) as (keyof typeof TRAININGS)[]).map((training) =>
        compareTraining(name, training, training === "all" ? "pixels" : "activations")
      ),
    );
    const worst = (key: string) => Math.max(...trained.map((each: Differences) => each[key]));
    families.push([
      what,
      ...[hidden_states, attentions, logits, larger, smaller, worst("loss"), worst("grad_norm")]
        .map(power),
      power(worst("weights")),
    ]);
  }
  const runs = (await runTrajectories(["off", "float32", "float16"]))
    .map(({ name, features, differences: d }) => [
      name,
      features,
      ...[d.loss, d.grad_norm, d.weights, d.test_logits].map(power),
      d.images.toFixed(0),
    ]);
  await Deno.writeTextFile(TARGET, page(forward, families, runs, await pixels()));
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", TARGET] }).output();
  console.log(`Wrote ${TARGET}`);
}

/** Largest difference of a resized pixel from Pillow's, by filter. */
async function pixels(): Promise<string[][]> {
  using cases = await openSafetensors(join(ROOT, "tests/fixtures/data/resample.safetensors"));
  const images = cases.names.filter((name) => name.startsWith("image."));
  const size = (name: string) => {
    const [height, width] = cases.info(name).shape;
    return { height, width };
  };
  return RESAMPLE_NAMES.map((filter) => {
    let [worst, count] = [0, 0];
    for (const name of images) {
      const resized = `${name.replace("image", "resized")}.${filter}`;
      const ours = createResizer(size(name), size(resized), filter)(cases.read(name));
      const theirs = cases.read(resized);
      ours.forEach((value, i) => worst = Math.max(worst, Math.abs(value - theirs[i])));
      count += ours.length / 3;
    }
    return [filter, String(images.length), count.toLocaleString("en-GB"), String(worst)];
  });
}

const power = (difference: number) => difference === 0 ? "0" : difference.toExponential(1);

function table(head: readonly string[], rows: readonly string[][]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, i) => i === 0 ? "---" : "--:")), ...rows.map(line)]
    .join("\n");
}

function page(
  forward: string[][],
  families: string[][],
  runs: string[][],
  resized: string[][],
): string {
  return `# How far from PyTorch

Largest absolute differences from PyTorch 2.13 with transformers 5.18 (float32, CPU), measured by
\`deno task agreement\` by the TensorFlow engine on the CPU, Deno ${Deno.version.deno}. The models are small and random: what counts is the
arithmetic. The numbers differ a little from machine to machine; the tests hold them below the
tolerances.

## Forward

Every hidden state, every attention and the output of the golden fixtures
(\`tests/fixtures/golden\`: width 32, four blocks, four heads).

${table(["model", "hidden states", "attentions", "output"], forward)}

Tolerances: 2e-5, 1e-5, 2e-5.

## Forward, other image sizes, and training, by family

Other sizes (\`tests/fixtures/families\`: width 18, three blocks, three heads). Images larger and
smaller than the model's, not square, for which position embeddings are interpolated: logits. Four
steps of AdamW each from the bottom, from the top block, and of norm and head alone: the worst of
the three.

${
    table(
      [
        "model",
        "hidden states",
        "attentions",
        "logits",
        "larger images",
        "smaller images",
        "loss",
        "gradient norm",
        "weights",
      ],
      families,
    )
  }

Tolerances: 2e-5, 1e-5, 2e-5 for all logits; 2e-4, 2e-3, 5e-4.

## Fine-tuning runs, by the command line

\`deno task run\` on the golden image folder, against PyTorch's course: losses of every step, after
every epoch and on test images; gradient norm of every step; final weights; test logits; by how many
images an accuracy is off. With \`features: float16\`, the default, the frozen part's activations are
rounded on their way through the disk, which shows; full-linear freezes nothing and keeps none.

${
    table(
      ["run", "features", "loss", "gradient norm", "weights", "test logits", "images"],
      runs,
    )
  }

Tolerances, with features off or float32: 2e-4, 2e-3, 5e-4, 1e-3, 1. What is left in the weights of
top-blocks-linear and full-linear is PyTorch's: no loss depends on the bias of the keys, so that its
gradient is rounding, which AdamW makes steps of; here it is exactly zero.

## Pixels

Resized images against Pillow 12, every byte (\`tests/fixtures/data\`: one pixel, thin strips,
growing in one direction and shrinking in the other).

${table(["filter", "images", "pixels", "largest difference"], resized)}

## Where the reference numbers come from

From PyTorch, Hugging Face's models and Pillow, by scripts that use nothing of this project. To make
them again, in a Python of your own:

    pip install torch==2.13 transformers==5.18 pillow==12.3 numpy safetensors
    python tests/fixtures/golden/make_golden.py OUT --seed N --cifar DIR    # forward, fine-tuning runs
    python tests/fixtures/families/make_families.py                         # other sizes and training, by family
    python tests/fixtures/families/make_image_logits.py                     # families on the golden images
    python tests/fixtures/training/make_training.py                         # options of training
    python tests/fixtures/training/make_augment.py                          # augmentation
    python tests/fixtures/data/make_resample.py                             # pixels

Each says at its top what it writes. Another seed makes other models and other numbers, within the
same tolerances.
`;
}

await main();
