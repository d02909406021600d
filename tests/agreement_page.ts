import { FAMILIES, type Measured, MODELS } from "./agreement_measure.ts";
import type { Differences } from "./vit/differences.ts";

/** What every engine must keep to, as the tests do: README of the golden fixtures. */
const TOLERANCES: readonly [key: string, title: string, tolerance: string][] = [
  ["hidden_states", "hidden states", "2e-5"],
  ["attentions", "attentions", "1e-5"],
  ["output", "output", "2e-5"],
  ["loss", "loss", "2e-4"],
  ["grad_norm", "gradient norm", "2e-3"],
  ["weights", "weights", "5e-4"],
];

const power = (difference: number) => difference === 0 ? "0" : difference.toExponential(1);

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, i) => i === 0 ? "---" : "--:")), ...rows.map(line)]
    .join("\n");
}

/** A row a key of `names`, of what was measured in their order. */
function rows(
  names: Readonly<Record<string, string>>,
  found: readonly Differences[],
  keys: readonly string[],
): string[][] {
  return Object.values(names).map((what, i) => [what, ...keys.map((key) => power(found[i][key]))]);
}

/** The largest differences of one engine, over all models and families. */
function worst({ engine, forward, families }: Measured): string[] {
  const all: Differences[] = [
    ...forward,
    ...families.map(({ logits, larger, smaller, ...rest }) => ({
      ...rest,
      output: Math.max(logits, larger, smaller),
    })),
  ];
  const largest = (key: string) => Math.max(...all.map((one) => one[key] ?? 0));
  return [engine, ...TOLERANCES.map(([key]) => power(largest(key)))];
}

/** The tables of one engine. */
function section({ engine, forward, families, runs }: Measured): string {
  return `## ${engine}

Every hidden state, every attention and the output of the golden fixtures:

${
    table(
      ["model", "hidden states", "attentions", "output"],
      rows(MODELS, forward, ["hidden_states", "attentions", "output"]),
    )
  }

The families' fixtures, images of other sizes, and training:

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
      rows(FAMILIES, families, [
        "hidden_states",
        "attentions",
        "logits",
        "larger",
        "smaller",
        "loss",
        "grad_norm",
        "weights",
      ]),
    )
  }

Fine-tuning runs, by the command line:

${
    table(
      ["run", "features", "loss", "gradient norm", "weights", "test logits", "images"],
      runs.map(({ name, features, differences: d }) => [
        name,
        features,
        ...[d.loss, d.grad_norm, d.weights, d.test_logits].map(power),
        d.images.toFixed(0),
      ]),
    )
  }
`;
}

/** docs/agreement.md. @param resized Rows of the table of pixels. */
export function page(measured: readonly Measured[], resized: string[][]): string {
  return `# How far from PyTorch

Largest absolute differences from PyTorch 2.13 with transformers 5.18 (float32, CPU), measured by
\`deno task agreement\` on every engine, Deno ${Deno.version.deno}. The models are small and random: what counts is the
arithmetic. The numbers differ a little from machine to machine; the tests hold them below the
tolerances, which are the same for every engine.

${
    table(
      ["engine", ...TOLERANCES.map(([, title]) => title)],
      [...measured.map(worst), ["tolerance", ...TOLERANCES.map(([, , tolerance]) => tolerance)]],
    )
  }

What is compared:

- the golden fixtures (\`tests/fixtures/golden\`: width 32, four blocks, four heads), forward;
- other sizes (\`tests/fixtures/families\`: width 18, three blocks, three heads), forward; images larger
  and smaller than the model's, not square, for which position embeddings are interpolated; and four
  steps of AdamW each from the bottom, from the top block, and of norm and head alone, of which the worst
  counts;
- \`deno task run\` on the golden image folder, against PyTorch's course: losses of every step, after
  every epoch and on test images; gradient norm of every step; final weights; test logits; by how many
  images an accuracy is off. Tolerances: 2e-4, 2e-3, 5e-4, 1e-3, 1. With \`features: float16\`, the
  default, the frozen part's activations are rounded on their way through the disk, which shows;
  full-linear freezes nothing and keeps none. What is left in the weights of top-blocks-linear and
  full-linear is PyTorch's: no loss depends on the bias of the keys, so that its gradient is rounding,
  which AdamW makes steps of; here it is exactly zero.

${measured.map(section).join("\n")}
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
