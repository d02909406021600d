import { deepStrictEqual as equal } from "node:assert/strict";
import { join } from "node:path";
import { readPlan } from "../../../pipeline/plan.ts";
import { ConfigProblems } from "../../../pipeline/problems.ts";
import { registry } from "../../../stages/mod.ts";
import { Configs } from "../../pipeline/config_stages.ts";

async function read(stages: string) {
  const text = `stages:\n  preprocess: { image_size: 32 }\n${stages}`;
  await using configs = await Configs.create({ "new.yaml": text });
  return await readPlan({ config: join(configs.folder, "new.yaml"), set: [], registry });
}

const paramsOf = async (line: string) =>
  (await read(`  new-model: { ${line} }\n`)).stages.at(-1)!.params;

async function mistakes(stages: string): Promise<string[]> {
  const error = await read(stages).then(() => undefined, (error) => error);
  if (!(error instanceof ConfigProblems)) throw error ?? new Error("Nothing was wrong");
  return error.problems.map(({ message }) => message);
}

Deno.test("sizes that are left out stand in the plan", async () => {
  equal(await paramsOf("architecture: vit"), {
    architecture: "vit",
    parameters: 200_000,
    patch_size: [4, 4],
    blocks: 6,
    heads: 4,
  });
  equal(await paramsOf("architecture: vit, hidden_size: 48, patch_size: [8, 16]"), {
    architecture: "vit",
    patch_size: [8, 16],
    blocks: 6,
    heads: 4,
    hidden_size: 48,
    intermediate_size: 192,
  });
  equal(await paramsOf("architecture: cnn, parameters: 1000"), {
    architecture: "cnn",
    parameters: 1000,
    convolutions: 2,
    kernel_size: 3,
  });
  equal(await paramsOf("architecture: rnn, hidden_size: 7"), {
    architecture: "rnn",
    hidden_size: 7,
    cell: "lstm",
    layers: 1,
  });
});

Deno.test("sizes of another architecture, and two widths at once, are refused", async () => {
  equal(await mistakes("  new-model: { architecture: cnn, cell: gru }\n"), [
    'Cannot use "cell" for a CNN: its sizes are channels, convolutions, kernel_size',
  ]);
  equal(await mistakes("  new-model: { architecture: rnn, hidden_size: 8, parameters: 9 }\n"), [
    'Cannot use "parameters" and "hidden_size" together: each says how wide an RNN is',
  ]);
  equal(await mistakes("  new-model: { architecture: vit, hidden_size: 6 }\n"), [
    'Cannot use 6 for "hidden_size": it must be a multiple of the 4 heads',
  ]);
  equal(await mistakes("  new-model: { architecture: vit, patch_size: 5 }\n"), [
    'Cannot use 5x5 for "patch_size": images are 32x32; write one that divides both sides',
  ]);
  equal(await mistakes("  new-model: { architecture: cnn, kernel_size: 2 }\n"), [
    'Cannot use 2 for "kernel_size": it must be odd',
  ]);
});

Deno.test("what needs a Vision Transformer refuses another network in the plan", async () => {
  const model = (architecture: string) => `  new-model: { architecture: ${architecture} }\n`;
  equal(await mistakes(`${model("cnn")}  train: {}\n  visualize: {}\n`), [
    'Cannot use the model of "new-model" here: a CNN has no attention to show',
  ]);
  equal(await mistakes(`${model("rnn")}  freeze: {}\n`), [
    'Cannot use the model of "new-model" here: an RNN has no blocks to freeze',
  ]);
  equal(await mistakes(`${model("cnn")}  linear-probe: {}\n`), [
    'Cannot use the model of "new-model" here: a CNN has nothing pretrained to probe',
  ]);
  equal(await mistakes(`${model("rnn")}  train: { layer_decay: 0.9 }\n`), [
    'Cannot use 0.9 for "layer_decay": the model of "new-model" has no blocks that rates could ' +
    "fall by; leave it out",
  ]);
  const plan = await read(`${model("vit")}  freeze: {}\n  train: {}\n  visualize: {}\n`);
  equal(plan.stages.find(({ name }) => name === "freeze")!.params.blocks, 4);
});

Deno.test("patches to shuffle must fill the images, and the images' size must be written", async () => {
  equal(
    await mistakes(
      "  new-model: { architecture: rnn }\n  evaluate: { perturb: { shuffle_patches: [8, 5] } }\n",
    ),
    ["Cannot cut images of 32x32 pixels into patches of 5: it must divide both sides"],
  );
  await using configs = await Configs.create({
    "new.yaml": "stages:\n  preprocess: {}\n  new-model: { architecture: rnn }\n",
  });
  const error = await readPlan({ config: join(configs.folder, "new.yaml"), set: [], registry })
    .then(() => undefined, (error) => error as ConfigProblems);
  equal(error!.problems.map(({ message }) => message), [
    'Cannot find "image_size": a new model takes images of any size; write it here, 32 for example',
  ]);
});
