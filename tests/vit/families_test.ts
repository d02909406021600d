import { deepStrictEqual as equal, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { writeSafetensors } from "../../base/safetensors.ts";
import { FAMILIES, parseModelConfig } from "../../vit/config.ts";
import { parametersOf } from "../../vit/parameters.ts";
import { type HostTensor, newHead, readWeights } from "../../vit/weights.ts";
import {
  compareForward,
  compareResized,
  compareTraining,
  type Differences,
  TRAININGS,
} from "./differences.ts";
import { FAMILY_FIXTURES, readModel, readTensors } from "./golden.ts";

/** What float32 on another backend can keep: README of the golden fixtures. */
const TOLERANCES: Differences = {
  hidden_states: 2e-5,
  attentions: 1e-5,
  logits: 2e-5,
  last_hidden_state: 2e-5,
  loss: 2e-4,
  grad_norm: 2e-3,
  weights: 5e-4,
};

function within(differences: Differences) {
  for (const [what, difference] of Object.entries(differences)) {
    ok(difference <= TOLERANCES[what], `${what} differ by ${difference}`);
  }
}

const OTHER_GOLDEN = ["deit", "deit-teacher", "dinov2", "dinov2-swiglu", "dinov2-registers"];
const NAMES = [...Deno.readDirSync(FAMILY_FIXTURES)].filter((e) => e.isDirectory).map((e) => e.name)
  .sort();

for (const name of OTHER_GOLDEN) {
  Deno.test(`hidden states, attention and logits of ${name} are PyTorch's`, async () => {
    within(await compareForward(name));
  });
}

Deno.test("every family has a fixture that it is trained on", async () => {
  const found = await Promise.all(
    NAMES.map(async (name) => (await readModel(join(FAMILY_FIXTURES, name))).config.family),
  );
  equal(new Set(found), new Set(FAMILIES));
});

for (const name of NAMES) {
  Deno.test(`three heads, an odd width and ${name}: PyTorch's hidden states`, async () => {
    within(await compareForward(join(FAMILY_FIXTURES, name)));
  });

  for (const size of ["larger", "smaller"]) {
    Deno.test(`position embeddings of ${name} for ${size} images are PyTorch's`, async () => {
      within({ logits: await compareResized(name, size) });
    });
  }

  for (const training of Object.keys(TRAININGS) as (keyof typeof TRAININGS)[]) {
    Deno.test(`training ${training} of ${name} goes as in PyTorch`, async () => {
      within(await compareTraining(name, training, "pixels"));
      if (training !== "all") within(await compareTraining(name, training, "activations"));
    });
  }

  Deno.test(`${name} loads under the names that transformers 5 has in memory`, async () => {
    const folder = join(FAMILY_FIXTURES, name);
    const { config, weights } = await readModel(folder);
    const io = await readTensors(folder, "io.safetensors");
    const inMemory = [...io].filter(([tensor]) => tensor.startsWith("in_memory."))
      .map(([tensor, value]): [string, HostTensor] => [tensor.slice("in_memory.".length), value]);
    await withFile(inMemory, async (other) => equal(await readWeights(other, config), weights));
    // A backbone's file has neither the family in front nor a head.
    const backbone = inMemory.filter(([tensor]) => !tensor.includes("classifier"))
      .map(([tensor, value]): [string, HostTensor] => [
        tensor.slice(config.family.length + 1),
        value,
      ]);
    const headless = [...weights].filter(([tensor]) => !tensor.includes("classifier"));
    await withFile(
      backbone,
      async (other) => equal([...await readWeights(other, config)], headless),
    );
  });
}

Deno.test("half of a gated layer, or a half beside the whole, is named", async () => {
  const { config } = await readModel(join(FAMILY_FIXTURES, "dinov2-swiglu"));
  const io = await readTensors(FAMILY_FIXTURES, "dinov2-swiglu", "io.safetensors");
  const inMemory = [...io].filter(([tensor]) => tensor.startsWith("in_memory."))
    .map(([tensor, value]): [string, HostTensor] => [tensor.slice("in_memory.".length), value]);
  const gate = "dinov2.encoder.layer.1.mlp.gate_proj.weight";
  await withFile(
    inMemory.filter(([name]) => name !== gate),
    (folder) => rejects(readWeights(folder, config), /lacks dinov2.*layer\.1\.mlp\.weights_in/),
  );
  const whole = "dinov2.encoder.layer.1.mlp.weights_in.weight";
  await withFile(
    [...inMemory, [whole, { shape: [1], data: new Float32Array(1) }]],
    (folder) => rejects(readWeights(folder, config), /has twice .*layer\.1\.mlp\./),
  );
});

Deno.test("DINOv2's unused mask token is carried along, and zero where the file lacks it", async () => {
  const folder = join(FAMILY_FIXTURES, "dinov2");
  const { config, weights } = await readModel(folder);
  const name = "dinov2.embeddings.mask_token";
  ok(weights.get(name)!.data.some((x) => x !== 0));
  const without = [...weights].filter(([tensor]) => tensor !== name);
  await withFile(without, async (other) => {
    equal((await readWeights(other, config)).get(name), {
      shape: [1, config.hiddenSize],
      data: new Float32Array(config.hiddenSize),
    });
  });
});

Deno.test("a new head has the shapes that its family reads", async () => {
  const shapes = async (name: string) =>
    [...newHead((await readModel(join(FAMILY_FIXTURES, name))).config, 7, 1)]
      .map(([tensor, { shape }]) => `${tensor} ${shape.join("x")}`);
  equal(await shapes("deit"), ["classifier.weight 7x18", "classifier.bias 7"]);
  equal(await shapes("dinov2"), ["classifier.weight 7x36", "classifier.bias 7"]);
  equal(await shapes("deit-teacher"), [
    "cls_classifier.weight 7x18",
    "cls_classifier.bias 7",
    "distillation_classifier.weight 7x18",
    "distillation_classifier.bias 7",
  ]);
});

// Of the published checkpoints, with 1,000 classes: facebook/deit-base-distilled-patch16-224 as timm
// counts it, and the backbones of the DINOv2 paper's model card (86 M, 1,1 B), here to the parameter.
Deno.test("published models have the number of parameters that is known of them", () => {
  const count = (json: Record<string, unknown>) =>
    parametersOf(parseModelConfig(json, "config.json"))
      .reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  const id2label = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [i, `class ${i}`]));
  const teacher = { architectures: ["DeiTForImageClassificationWithTeacher"], id2label };
  ok(count({ model_type: "deit", ...teacher }) === 87_338_192);
  const backbone = { architectures: ["Dinov2Model"], image_size: 518 };
  ok(count({ model_type: "dinov2", ...backbone }) === 86_580_480);
  const giant = { hidden_size: 1536, num_hidden_layers: 40, num_attention_heads: 24 };
  ok(
    count({ model_type: "dinov2", ...backbone, ...giant, use_swiglu_ffn: true }) === 1_136_480_768,
  );
});

async function withFile(
  tensors: readonly (readonly [string, HostTensor])[],
  body: (folder: string) => Promise<void>,
) {
  const folder = await Deno.makeTempDir();
  try {
    const entries = tensors.map(([name, tensor]) => [name, { dtype: "F32", ...tensor }]);
    await writeSafetensors(join(folder, "model.safetensors"), Object.fromEntries(entries));
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
