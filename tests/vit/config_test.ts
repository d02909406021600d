import { deepStrictEqual as equal, strictEqual, throws } from "node:assert/strict";
import { UserError } from "../../base/errors.ts";
import { parseModelConfig, tokensOf } from "../../vit/config.ts";
import { parametersOf, partOf, sizeOf } from "../../vit/parameters.ts";

const labels = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [i, `class ${i}`]));
const parse = (json: Record<string, unknown>) =>
  parseModelConfig({ model_type: "vit", ...json }, "config.json");
const count = (json: Record<string, unknown>, part?: string) =>
  parametersOf(parse(json))
    .filter((each) => part === undefined || each.part === part)
    .reduce((sum, { shape }) => sum + sizeOf(shape), 0);

// Widths and depths of Dosovitskiy et al. 2021, table 1; counts as google-research/vision_transformer
// and timm give them for ImageNet's 1,000 classes.
const MODELS: [name: string, json: Record<string, unknown>, parameters: number][] = [
  ["ViT-B/16", {}, 86_567_656],
  ["ViT-B/32", { patch_size: 32 }, 88_224_232],
  ["ViT-L/16", {
    hidden_size: 1024,
    num_hidden_layers: 24,
    num_attention_heads: 16,
    intermediate_size: 4096,
  }, 304_326_632],
  ["ViT-Ti/16", {
    hidden_size: 192,
    num_attention_heads: 3,
    intermediate_size: 768,
  }, 5_717_416],
];
for (const [name, json, parameters] of MODELS) {
  Deno.test(`${name} with 1,000 classes has ${parameters.toLocaleString("en")} parameters`, () => {
    strictEqual(count({ ...json, id2label: labels(1000) }), parameters);
  });
}

Deno.test("the parts of ViT-B/16 add up", () => {
  const json = { id2label: labels(1000) };
  strictEqual(count(json, "embeddings"), 768 + 197 * 768 + 768 * 768 + 768);
  strictEqual(count(json, "block 0"), 7_087_872);
  strictEqual(count(json, "block 11"), 7_087_872);
  strictEqual(count(json, "norm"), 2 * 768);
  strictEqual(count(json, "head"), 769_000);
});

Deno.test("a tensor's part follows from its name, with or without vit.", () => {
  equal(
    [
      "vit.embeddings.cls_token",
      "embeddings.position_embeddings",
      "vit.encoder.layer.11.output.dense.bias",
      "encoder.layer.0.layernorm_before.weight",
      "vit.layernorm.bias",
      "classifier.weight",
    ].map(partOf),
    ["embeddings", "embeddings", "block 11", "block 0", "norm", "head"],
  );
  throws(() => partOf("decoder.bias"), RangeError);
});

Deno.test("what a config leaves out is as in Hugging Face's ViTConfig", () => {
  equal(parse({}), {
    family: "vit",
    hiddenSize: 768,
    blocks: 12,
    heads: 12,
    intermediateSize: 3072,
    mlp: "dense",
    hiddenAct: "gelu",
    layerNormEps: 1e-12,
    imageSize: [224, 224],
    patchSize: [16, 16],
    channels: 3,
    qkvBias: true,
    layerScale: false,
    distillationToken: false,
    registers: 0,
    maskToken: false,
    reads: "class",
    dropout: 0,
    initializerRange: 0.02,
    labels: ["LABEL_0", "LABEL_1"],
  });
});

Deno.test("labels stand in order of index, and a backbone has none", () => {
  equal(parse({ id2label: { 1: "b", 0: "a", 2: "c" } }).labels, ["a", "b", "c"]);
  equal(parse({ architectures: ["ViTModel"] }).labels, []);
  equal(parse({ num_labels: 3 }).labels, ["LABEL_0", "LABEL_1", "LABEL_2"]);
});

Deno.test("sides may differ", () => {
  strictEqual(tokensOf(parse({ image_size: [32, 64], patch_size: [8, 16] })), 17);
});

const MISTAKES: [json: unknown, message: RegExp, hint?: RegExp][] = [
  [{ model_type: "swin" }, /"swin"/, /vit, deit, dinov2, dinov2_with_registers/],
  [{ model_type: "toString" }, /"toString"/, /vit/],
  [{}, /"model_type"/],
  [[], /the content/],
  [null, /the content/],
  [{ model_type: "vit", hidden_size: "768" }, /"hidden_size"/],
  [{ model_type: "vit", hidden_size: 770 }, /770.*12 heads/],
  [{ model_type: "vit", image_size: 225 }, /225x225.*16x16/],
  [{ model_type: "vit", num_channels: 4 }, /"num_channels".*takes 4 channels; it must be 3, red/],
  [{ model_type: "vit", hidden_act: "mish" }, /"hidden_act"/],
  [{ model_type: "vit", num_hidden_layers: 1e9 }, /"num_hidden_layers"/],
  [{ model_type: "vit", id2label: { 0: "a", 2: "b" } }, /id2label.*0 to 1/],
];
for (const [json, message, hint] of MISTAKES) {
  Deno.test(`refuses ${JSON.stringify(json)} and says where`, () => {
    throws(() => parseModelConfig(json, "some/config.json"), (error: UserError) => {
      return error instanceof UserError && message.test(error.message) &&
        error.message.includes("some/config.json") && (!hint || hint.test(error.hint!));
    });
  });
}
