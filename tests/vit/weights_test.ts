import { deepStrictEqual as equal, ok, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { UserError } from "../../base/errors.ts";
import { openSafetensors, type TensorToWrite, writeSafetensors } from "../../base/safetensors.ts";
import { parseModelConfig } from "../../vit/config.ts";
import { parametersOf, sizeOf } from "../../vit/parameters.ts";
import { hasHead, newHead, readWeights } from "../../vit/weights.ts";
import { GOLDEN, readModel } from "./golden.ts";

const SMALL = parseModelConfig({
  model_type: "vit",
  hidden_size: 4,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  intermediate_size: 8,
  image_size: 4,
  patch_size: 2,
  id2label: { 0: "a", 1: "b", 2: "c" },
}, "config.json");

/** Every tensor that the small model must have, filled with zeros. */
function complete(): Record<string, TensorToWrite> {
  return Object.fromEntries(
    parametersOf(SMALL).map(({ name, shape }) => [
      name,
      { dtype: "F32", shape, data: new Float32Array(sizeOf(shape)) },
    ]),
  );
}

async function withFolder(body: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const write = (folder: string, tensors: Record<string, TensorToWrite>) =>
  writeSafetensors(join(folder, "model.safetensors"), tensors);

Deno.test("shards hold what one file holds", async () => {
  const [{ weights: one }, { weights: shards }] = [
    await readModel("vit"),
    await readModel("vit-sharded"),
  ];
  equal(shards, one);
});

Deno.test("a backbone's tensors get the names that a classifier's file has, and no head", async () => {
  const { weights } = await readModel("vit-backbone");
  using file = await openSafetensors(join(GOLDEN, "vit-backbone/model.safetensors"));
  equal([...weights.keys()].sort(), file.names.map((name) => `vit.${name}`).sort());
  strictEqual(hasHead(weights), false);
});

Deno.test("a pooler is left aside with a word", async () => {
  await withFolder(async (folder) => {
    const pooler = { dtype: "F32", shape: [4, 4], data: new Float32Array(16) } as const;
    await write(folder, { ...complete(), "vit.pooler.dense.weight": pooler });
    const said: string[] = [];
    const weights = await readWeights(folder, SMALL, (text) => said.push(text));
    strictEqual(weights.size, parametersOf(SMALL).length);
    strictEqual(said.length, 1);
    ok(said[0].includes("vit.pooler.dense.weight"));
  });
});

Deno.test("tensors that are missing, left over or of another shape are named", async () => {
  await withFolder(async (folder) => {
    const refuses = async (
      change: (tensors: Record<string, TensorToWrite>) => void,
      what: RegExp,
    ) => {
      const tensors = complete();
      change(tensors);
      await write(folder, tensors);
      await rejects(
        readWeights(folder, SMALL),
        (error: Error) =>
          error instanceof UserError && what.test(error.message) && error.message.includes(folder),
      );
    };
    const scalar = { dtype: "F32", shape: [1], data: new Float32Array(1) } as const;
    await refuses((t) => delete t["vit.layernorm.bias"], /lacks vit\.layernorm\.bias/);
    await refuses((t) => delete t["classifier.bias"], /lacks classifier\.bias/);
    await refuses((t) => t["vit.encoder.layer.1.output.dense.bias"] = scalar, /layer\.1\.output/);
    await refuses((t) => t["vit.layernorm.bias"] = scalar, /layernorm\.bias is \[1\].*\[4\]/);
    const integers = { dtype: "I32", shape: [4], data: new Int32Array(4) } as const;
    await refuses((t) => t["vit.layernorm.bias"] = integers, /layernorm\.bias.*I32/);
  });
});

Deno.test("pickled weights are refused with what to do instead", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "pytorch_model.bin"), "");
    await rejects(
      readWeights(folder, SMALL),
      (error: UserError) =>
        error.message.includes("pytorch_model.bin") && error.hint!.includes("save_pretrained"),
    );
  });
});

for (const name of ["../model.safetensors", "/etc/passwd", "..", "a\\b"]) {
  Deno.test(`an index may not lead to ${name}`, async () => {
    await withFolder(async (folder) => {
      await Deno.writeTextFile(
        join(folder, "model.safetensors.index.json"),
        JSON.stringify({ weight_map: { "vit.layernorm.bias": name } }),
      );
      await rejects(readWeights(folder, SMALL), /weight_map.*file name/);
    });
  });
}

Deno.test("an index that names a shard which is not there is refused", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(
      join(folder, "model.safetensors.index.json"),
      JSON.stringify({ weight_map: { "vit.layernorm.bias": "model-1.safetensors" } }),
    );
    await rejects(readWeights(folder, SMALL), /model-1\.safetensors is missing/);
  });
});

Deno.test("a new head is normal with the model's range, its bias 0, and the seed's alone", () => {
  const config = { ...SMALL, hiddenSize: 1000, initializerRange: 0.5 };
  const head = newHead(config, 50, 1);
  const { shape, data } = head.get("classifier.weight")!;
  equal(shape, [50, 1000]);
  const mean = data.reduce((sum, x) => sum + x, 0) / data.length;
  const deviation = Math.sqrt(data.reduce((sum, x) => sum + x * x, 0) / data.length);
  // Five standard errors.
  ok(Math.abs(mean) < 5 * 0.5 / Math.sqrt(data.length));
  ok(Math.abs(deviation - 0.5) < 5 * 0.5 / Math.sqrt(2 * data.length));
  equal(head.get("classifier.bias"), { shape: [50], data: new Float32Array(50) });
  equal(newHead(config, 50, 1), head);
  ok(newHead(config, 50, 2).get("classifier.weight")!.data[0] !== data[0]);
});

Deno.test("dropout that a config asks for is said not to be applied", async () => {
  await withFolder(async (folder) => {
    await write(folder, complete());
    const said: string[] = [];
    await readWeights(folder, { ...SMALL, dropout: 0.1 }, (text) => said.push(text));
    strictEqual(said.length, 1);
    ok(said[0].includes("0.1"));
  });
});
