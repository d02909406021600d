import { join } from "node:path";
import * as yaml from "yaml";
import { random } from "../../base/random.ts";
import { readSweepFile } from "../../pipeline/sweep_plans.ts";
import { registry } from "../../stages/mod.ts";
import type { Subject } from "./subject.ts";
import { mutateYaml } from "./yaml.ts";

const ROOT = join(import.meta.dirname!, "../..");
const FILE = "mutated.yaml";

/** What is damaged; between them they have every stage and every kind of sweep. */
const CONFIGS = [
  `# yaml-language-server: $schema=schema.json
name: all
seed: 42
stages:
  preprocess:
    dataset: cifar10
    image_size: 64
    resample: bilinear
    normalize: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] }
    validation: 0.1
    limit: { train: 2000, test: 500 }
  load-pretrained:
    model: models/vit-tiny-patch8-64
    head: reinit
  freeze:
    embeddings: true
    blocks: 6
    features: float16
  train:
    epochs: 10
    batch_size: 128
    shuffle: true
    optimizer: { name: adamw, learning_rate: 5.0e-4, weight_decay: 0.01, betas: [0.9, 0.999], epsilon: 1.0e-8 }
    schedule: { name: linear, warmup_ratio: 0.1 }
    clip_norm: 1.0
    label_smoothing: 0
  evaluate: {}
  visualize:
    images: 8
sweep:
  method: grid
  parameters:
    train.optimizer.learning_rate: [1.0e-4, 5.0e-4]
    freeze.blocks: [4, 6]
`,
  `extends: base.yaml
name: pets
seed: 7
stages:
  preprocess: { dataset: { imagefolder: pets }, validation: 0.2, normalize: { mean: [0, 0, 0], std: [1, 1, 1] } }
  load-pretrained: { head: auto }
  train: &train
    epochs: 3 # few
    optimizer: { name: sgd, momentum: 0.9 }
  again: { <<: *train, uses: train, needs: { model: load-pretrained }, epochs: 4 }
  freeze: { blocks: 2 }
  evaluate: { needs: { model: train } }
sweep:
  method: random
  samples: 3
  parameters:
    train.epochs: [1, 2, 3]
    seed: [1, 2]
`,
  `stages:
  preprocess: { dataset: { imagefolder: pets }, image_size: [16, 24], limit: { train: 4, test: 2 } }
`,
  `stages:
  preprocess:
  load-pretrained: { model: models/vit-tiny-patch8-64 }
  freeze: { blocks: 3, features: float16, embeddings: true }
  train: { epochs: 1, schedule: { name: cosine, warmup_ratio: 0.1 }, clip_norm: null }
sweep:
  method: list
  points:
    - { train.epochs: 2, freeze.blocks: 1 }
    - { train.optimizer: { name: sgd, learning_rate: 0.1 } }
`,
];

/** What one of them starts from. */
const BASE = `stages:
  load-pretrained: { model: models/vit-tiny-patch8-64 }
  freeze:
    blocks: 9
`;

/** A project with a damaged config, which is planned as `validate` does. */
export async function prepare(folder: string): Promise<Subject> {
  await Deno.writeTextFile(join(folder, "deno.json"), "{}");
  await Deno.symlink(join(ROOT, "models"), join(folder, "models"));
  await Deno.symlink(join(ROOT, "tests/fixtures/golden/imagefolder"), join(folder, "pets"));
  await Deno.writeTextFile(join(folder, "base.yaml"), BASE);
  const values = CONFIGS.map((text) => yaml.parse(text, { merge: true }));
  const path = join(folder, FILE);

  const put = async (content: Uint8Array) => {
    await Deno.writeFile(path, content);
    return { file: FILE, content, names: [FILE, "base.yaml"], bytes: content.length };
  };

  return {
    whole: CONFIGS.map((text) => ({ file: FILE, content: new TextEncoder().encode(text) })),
    async write(seed) {
      const draw = random(seed, "damaged config");
      const index = draw.below(CONFIGS.length);
      return await put(mutateYaml(CONFIGS[index], values[index], draw));
    },
    writeContent: put,
    async read() {
      await readSweepFile({ config: path, set: [], registry });
    },
  };
}
