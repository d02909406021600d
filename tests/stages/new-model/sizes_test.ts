import { deepStrictEqual as equal, ok, strictEqual, throws } from "node:assert/strict";
import { parametersIn, sizeNetwork } from "../../../stages/new-model/sizes.ts";
import type { NewModelParams } from "../../../stages/new-model/params.ts";
import { newVit } from "../../../vit/new_vit.ts";

const IMAGES = { imageSize: [32, 32] as const, labels: Array.from({ length: 10 }, String) };
const CNN = { architecture: "cnn", convolutions: 2, kernel_size: 3 } as const;
const RNN = { architecture: "rnn", cell: "lstm", layers: 1 } as const;
const VIT: NewModelParams = { architecture: "vit", blocks: 6, heads: 4, patch_size: [4, 4] };

Deno.test("networks have as many parameters as PyTorch's of these sizes", () => {
  const count = (params: Parameters<typeof sizeNetwork>[0]) =>
    parametersIn(sizeNetwork(params, IMAGES));
  // 9 * (3*16 + 16*16 + 16*32 + 32*32) filters, 2 * (16+16+32+32) norms, 32*10 + 10 head.
  strictEqual(count({ ...CNN, channels: [16, 32] }), 9 * 1840 + 192 + 330);
  // 4 gates of (96 + 50) * 50 weights and two biases of 50; 50*10 + 10 head.
  strictEqual(count({ ...RNN, hidden_size: 50 }), 4 * (146 * 50 + 100) + 510);
  strictEqual(count({ ...RNN, cell: "gru", hidden_size: 50 }), 3 * (146 * 50 + 100) + 510);
  // ViT-B/16 for 1000 classes (Dosovitskiy et al. 2021): 86,567,656.
  strictEqual(
    parametersIn(
      sizeNetwork(
        {
          architecture: "vit",
          blocks: 12,
          heads: 12,
          patch_size: [16, 16],
          hidden_size: 768,
          intermediate_size: 3072,
        },
        { imageSize: [224, 224], labels: Array.from({ length: 1000 }, String) },
      ),
    ),
    86_567_656,
  );
});

Deno.test("a number of parameters is kept to within 2 percent, and never exceeded", () => {
  for (const parameters of [60_000, 100_000, 200_000, 1_000_000]) {
    for (const params of [CNN, RNN, { ...RNN, cell: "gru", layers: 2 } as const, VIT]) {
      const found = parametersIn(sizeNetwork({ ...params, parameters }, IMAGES));
      ok(found <= parameters, `${params.architecture}: ${found} of ${parameters}`);
      ok(found >= 0.98 * parameters, `${params.architecture}: ${found} of ${parameters}`);
    }
  }
});

Deno.test("too few parameters for the depth are refused", () => {
  for (const [params, name] of [[CNN, "a CNN"], [RNN, "an RNN"], [VIT, "a ViT"]] as const) {
    throws(
      () => sizeNetwork({ ...params, parameters: 40 }, IMAGES),
      new RegExp(`^UserError: Cannot make ${name} of 40 parameters`),
    );
  }
});

Deno.test("a new ViT is drawn as transformers does, from the seed", () => {
  const network = sizeNetwork({ ...VIT, hidden_size: 64, intermediate_size: 128 }, IMAGES);
  ok(network.kind === "vit");
  const weights = newVit(network.config, 1);
  equal(newVit(network.config, 1), weights);
  for (const [name, { data }] of weights) {
    if (/layernorm\w*\.weight$/.test(name)) ok(data.every((value) => value === 1), name);
    else if (name.endsWith(".bias")) ok(data.every((value) => value === 0), name);
    else {
      const deviation = Math.sqrt(data.reduce((sum, x) => sum + x * x, 0) / data.length);
      // Five standard errors of a normal distribution's deviation.
      const error = 5 * 0.02 / Math.sqrt(2 * data.length);
      ok(Math.abs(deviation - 0.02) < error, `${name}: deviation ${deviation}`);
    }
  }
});
