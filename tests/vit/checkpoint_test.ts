import { deepStrictEqual as equal, ok, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { parseJsonAsWritten } from "../../base/json.ts";
import { writeCheckpoint } from "../../vit/checkpoint.ts";
import { atImageSize } from "../../vit/interpolate.ts";
import { VisionTransformer } from "../../vit/model.ts";
import { type HostTensor, newHead, readWeights } from "../../vit/weights.ts";
import { parseModelConfig } from "../../vit/config.ts";
import { assertClose, channelsLast, GOLDEN, readModel, readTensors } from "./golden.ts";

const json = async (name: string, file: string): Promise<Record<string, unknown>> =>
  parseJsonAsWritten(await Deno.readTextFile(join(GOLDEN, name, file))) as Record<string, unknown>;

async function withFolder(body: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A fixture's model with a new head, written. */
async function write(folder: string, name: string, labels: string[], change = {}) {
  const { config, weights } = await readModel(name);
  for (const [tensor, value] of newHead(config, labels.length, 5)) weights.set(tensor, value);
  const content = {
    config: { ...await json(name, "config.json"), ...change },
    labels,
    imageSize: config.imageSize,
    weights: weights as ReadonlyMap<string, HostTensor>,
    preprocessor: await json(name, "preprocessor_config.json"),
  };
  await writeCheckpoint(folder, content);
  return content;
}

Deno.test("a checkpoint is read back as it was written, in float32 whatever it came from", async () => {
  await withFolder(async (folder) => {
    const { weights } = await write(folder, "vit-f16", ["cat", "dog"]);
    const written = JSON.parse(await Deno.readTextFile(join(folder, "config.json")));
    const config = parseModelConfig(written, "config.json");
    equal(config.labels, ["cat", "dog"]);
    equal(await readWeights(folder, config), weights);
    strictEqual(written.torch_dtype, "float32");
    ok(!JSON.stringify(written).includes("float16"));
  });
});

Deno.test("every key of the original config.json is kept", async () => {
  await withFolder(async (folder) => {
    const own = { some_key: { of: ["theirs"] }, num_labels: 1000 };
    const { config: before } = await write(folder, "vit-backbone", ["a", "b", "c"], own);
    const after = JSON.parse(await Deno.readTextFile(join(folder, "config.json")));
    const { num_labels: _, ...kept } = before as Record<string, unknown>;
    equal(after, {
      ...JSON.parse(JSON.stringify(kept)),
      architectures: ["ViTForImageClassification"],
      id2label: { 0: "a", 1: "b", 2: "c" },
      label2id: { a: 0, b: 1, c: 2 },
      dtype: "float32",
      torch_dtype: "float32",
    });
  });
});

Deno.test("a head of another number of classes is refused", async () => {
  await withFolder(async (folder) => {
    const content = await write(folder, "vit", ["a", "b"]);
    await rejects(writeCheckpoint(folder, { ...content, labels: ["a"] }), /1 classes.*head has 2/);
  });
});

Deno.test("the same content gives the same bytes", async () => {
  await withFolder(async (folder) => {
    const content = await write(folder, "vit", ["a", "b"]);
    const before = await Deno.readFile(join(folder, "model.safetensors"));
    const weights = new Map([...content.weights].reverse());
    await writeCheckpoint(folder, { ...content, weights });
    equal(await Deno.readFile(join(folder, "model.safetensors")), before);
  });
});

const PYTHON = Deno.env.get("VITRINE_PYTHON");

/** Loads the folder by from_pretrained, complains of what is missing or left over, prints logits. */
const SCRIPT = `
import json, sys, torch
from safetensors.torch import load_file
from transformers import AutoConfig
import transformers
[architecture] = AutoConfig.from_pretrained(sys.argv[1]).architectures
model, info = getattr(transformers, architecture).from_pretrained(sys.argv[1], output_loading_info=True)
x = load_file(sys.argv[2])["pixel_values"]
with torch.no_grad():
    logits = model.eval()(x).logits
print(json.dumps({
    "wrong": {k: sorted(map(str, v)) for k, v in info.items() if v},
    "dtype": str(model.dtype), "labels": model.config.id2label, "logits": logits.flatten().tolist()}))
`;

const FAMILIES = ["deit", "deit-teacher", "dinov2", "dinov2-swiglu", "dinov2-registers"];
const CHECKPOINTS: [name: string, images: string][] = [
  ["vit-bf16", "vit"],
  ["vit-backbone", "vit-backbone"],
  ["vit", "vit-interpolate"],
  ...FAMILIES.map((name): [string, string] => [name, name]),
];
for (const [name, images] of CHECKPOINTS) {
  Deno.test({
    name: `transformers loads a checkpoint made from ${name} for the images of ${images}` +
      (PYTHON ? "" : " (left out: VITRINE_PYTHON names no python with torch and transformers)"),
    ignore: !PYTHON,
    async fn() {
      await withFolder(async (folder) => {
        const pixels = (await readTensors(images, "io.safetensors")).get("pixel_values")!;
        const content = await write(folder, name, ["x", "y", "z"]);
        const imageSize: [number, number] = [pixels.shape[2], pixels.shape[3]];
        const { config } = await readModel(name);
        const labelled = { ...config, labels: content.labels };
        const sized = atImageSize(labelled, content.weights, imageSize);
        await writeCheckpoint(folder, { ...content, weights: sized.weights, imageSize });
        const model = new VisionTransformer(sized.config, sized.weights);
        const { stdout, stderr, code } = await new Deno.Command(PYTHON!, {
          args: ["-c", SCRIPT, folder, join(GOLDEN, images, "io.safetensors")],
        }).output();
        strictEqual(code, 0, new TextDecoder().decode(stderr));
        const theirs = JSON.parse(new TextDecoder().decode(stdout).trim().split("\n").at(-1)!);
        equal(theirs.wrong, {});
        equal(theirs.dtype, "torch.float32");
        equal(theirs.labels, { 0: "x", 1: "y", 2: "z" });
        const ours = model.forward(channelsLast(pixels)).dataSync();
        assertClose(ours, theirs.logits, 2e-5, "logits");
        model.dispose();
      });
    },
  });
}
