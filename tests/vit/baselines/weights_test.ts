import { deepStrictEqual as equal, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { join } from "node:path";
import { writeSafetensors } from "../../../base/safetensors.ts";
import {
  type BaselineConfig,
  baselineJson,
  parseBaselineConfig,
} from "../../../vit/baselines/config.ts";
import { newBaseline, readBaselineWeights } from "../../../vit/baselines/weights.ts";

const labels = ["ant", "bee", "cow"];
const id2label = Object.fromEntries(labels.map((label, i) => [i, label]));
const CNN: BaselineConfig = {
  family: "cnn",
  imageSize: [32, 32],
  inputs: 3,
  labels,
  channels: [16, 32],
  convolutions: 2,
  kernelSize: 3,
  normEps: 1e-5,
};
const RNN: BaselineConfig = {
  family: "rnn",
  imageSize: [32, 24],
  inputs: 3,
  labels,
  cell: "gru",
  hiddenSize: 50,
  layers: 2,
};

/** How far PyTorch 2.13 spreads the numbers of each tensor (`reset_parameters` of its layers). */
const BOUNDS: [BaselineConfig, Record<string, number>][] = [
  [CNN, {
    "cnn.stages.0.layers.0.convolution.weight": 1 / Math.sqrt(27), // 3 channels of 3x3
    "cnn.stages.0.layers.1.convolution.weight": 1 / 12, // 16 channels of 3x3
    "cnn.stages.1.layers.0.convolution.weight": 1 / 12,
    "cnn.stages.1.layers.1.convolution.weight": 1 / Math.sqrt(288),
    "classifier.weight": 1 / Math.sqrt(32),
    "classifier.bias": 1 / Math.sqrt(32),
  }],
  [RNN, {
    "rnn.weight_ih_l0": 1 / Math.sqrt(50),
    "rnn.weight_hh_l0": 1 / Math.sqrt(50),
    "rnn.bias_ih_l0": 1 / Math.sqrt(50),
    "rnn.bias_hh_l0": 1 / Math.sqrt(50),
    "rnn.weight_ih_l1": 1 / Math.sqrt(50),
    "rnn.weight_hh_l1": 1 / Math.sqrt(50),
    "rnn.bias_ih_l1": 1 / Math.sqrt(50),
    "rnn.bias_hh_l1": 1 / Math.sqrt(50),
    "classifier.weight": 1 / Math.sqrt(50),
    "classifier.bias": 1 / Math.sqrt(50),
  }],
];

for (const [config, bounds] of BOUNDS) {
  Deno.test(`a new ${config.family} is drawn evenly within PyTorch's bounds`, () => {
    const weights = newBaseline(config, 1);
    for (const [name, { data }] of weights) {
      if (name.endsWith("normalization.weight")) ok(data.every((value) => value === 1), name);
      else if (name.endsWith("normalization.bias")) ok(data.every((value) => value === 0), name);
      else {
        const bound = bounds[name];
        ok(data.every((value) => Math.abs(value) <= Math.fround(bound)), name);
        if (data.length < 1000) continue;
        const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
        const variance = data.reduce((sum, value) => sum + value ** 2, 0) / data.length;
        // Five standard errors of as many even draws: the variance is bound^2 / 3.
        ok(Math.abs(mean) < 5 * bound / Math.sqrt(3 * data.length), `${name}: mean ${mean}`);
        const error = 5 * Math.sqrt(4 / 45 / data.length) * bound ** 2;
        ok(Math.abs(variance - bound ** 2 / 3) < error, `${name}: variance ${variance}`);
      }
    }
    const named = [...weights.keys()].filter((name) => !name.includes("normalization"));
    equal(named.sort(), Object.keys(bounds).sort());
  });
}

Deno.test("the seed decides a new network, and no two tensors have the same numbers", () => {
  const first = newBaseline(RNN, 1);
  equal(newBaseline(RNN, 1), first);
  const other = newBaseline(RNN, 2);
  for (const name of first.keys()) {
    ok(first.get(name)!.data.join() !== other.get(name)!.data.join(), name);
  }
  ok(
    first.get("rnn.bias_ih_l0")!.data.join() !== first.get("rnn.bias_hh_l0")!.data.join(),
  );
});

Deno.test("config.json of a network says all that makes it", () => {
  for (const config of [CNN, RNN]) {
    const json = JSON.parse(JSON.stringify({ ...baselineJson(config), id2label }));
    equal(parseBaselineConfig(json, "config.json"), config);
  }
});

Deno.test("a config.json that does not fit is refused by the key that is wrong", () => {
  const json = { ...baselineJson(CNN), id2label };
  throws(
    () => parseBaselineConfig({ ...json, kernel_size: 4 }, "x/config.json"),
    /^UserError: Cannot use "kernel_size" of x\/config.json: it must be odd$/,
  );
  throws(() => parseBaselineConfig({ ...json, id2label: { 1: "a" } }, "x"), /id2label/);
  throws(() => parseBaselineConfig({ ...json, channels: [] }, "x"), /"channels"/);
});

Deno.test("weights that are not those of the config are refused by name", async () => {
  const folder = await Deno.makeTempDir();
  const write = async (change: (tensors: ReturnType<typeof newBaseline>) => void) => {
    const weights = newBaseline(CNN, 1);
    change(weights);
    await writeSafetensors(
      join(folder, "model.safetensors"),
      Object.fromEntries([...weights].map(([name, t]) => [name, { dtype: "F32", ...t }])),
    );
  };
  await write(() => {});
  const weights = await readBaselineWeights(folder, CNN);
  equal(weights, newBaseline(CNN, 1));
  strictEqual(weights.size, 14);
  await write((tensors) => tensors.delete("classifier.bias"));
  await rejects(readBaselineWeights(folder, CNN), /lacks classifier.bias/);
  await write((tensors) => tensors.set("more", { shape: [1], data: Float32Array.of(1) }));
  await rejects(readBaselineWeights(folder, CNN), /beyond what its config.json describes, more/);
  await write(() => {});
  await rejects(
    readBaselineWeights(folder, { ...CNN, channels: [16, 33] }),
    /cnn.stages.1.layers.0.convolution.weight is \[32, 16, 3, 3\].*\[33, 16, 3, 3\]/s,
  );
  await Deno.remove(folder, { recursive: true });
});
