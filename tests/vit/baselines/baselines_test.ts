import { deepStrictEqual as equal, ok, strictEqual, throws } from "node:assert/strict";
import { join } from "node:path";
import { tf } from "../../../engine/tf.ts";
import { parseBaselineConfig } from "../../../vit/baselines/config.ts";
import { asProduct, convolution } from "../../../vit/baselines/convolution.ts";
import { Baseline } from "../../../vit/baselines/model.ts";
import { readBaselineWeights } from "../../../vit/baselines/weights.ts";
import { crossEntropy } from "../../../vit/loss.ts";
import { Trainer } from "../../../vit/trainer.ts";
import { fixtureTrainer } from "../differences.ts";
import { assertClose, channelsLast, readTensors } from "../golden.ts";

/** Networks, gradients and trainings made with PyTorch; see make_baselines.py there. */
const FIXTURES = join(import.meta.dirname!, "../../fixtures/baselines");

// What float32 on another backend can keep: the README of the golden fixtures.
const LOGITS = 2e-5;
const GRADIENTS = 2e-5;
const LOSS = 2e-4;
const GRADIENT_NORM = 2e-3;
const WEIGHTS = 5e-4;

async function read(name: string) {
  const folder = join(FIXTURES, name);
  const json = async (file: string) => JSON.parse(await Deno.readTextFile(join(folder, file)));
  const config = parseBaselineConfig(await json("config.json"), "config.json");
  const model = new Baseline(config, await readBaselineWeights(folder, config));
  const io = await readTensors(folder, "io.safetensors");
  const pixels = channelsLast(io.get("pixel_values")!);
  return { config, model, io, pixels, json };
}

for (const name of ["cnn", "cnn-wide-filter", "lstm", "gru"]) {
  Deno.test(`${name}: logits and the gradient by every tensor are PyTorch's`, async () => {
    const { model, io, pixels } = await read(name);
    const labels = Int32Array.from(io.get("labels")!.data);
    const logits = await model.forward(pixels).data();
    assertClose(logits, io.get("logits")!.data, LOGITS, "logits");
    const { grads } = tf.variableGrads(
      () => crossEntropy(model.forward(pixels), { labels }, { smoothing: 0 }),
      model.names.map(model.tensor),
    );
    strictEqual(Object.keys(grads).length, model.names.length);
    for (const tensor of model.names) {
      const { data } = io.get(`grad.${tensor}`)!;
      ok(data.some((value) => Math.abs(value) > 10 * GRADIENTS), `${tensor}: the check is blind`);
      assertClose(await grads[model.tensor(tensor).name].data(), data, GRADIENTS, tensor);
    }
    model.dispose();
  });

  Deno.test(`${name}: training takes PyTorch's course and leaves no tensors behind`, async () => {
    const { model, io, pixels, json } = await read(name);
    const expected = await json("steps.json");
    const labels = Int32Array.from(io.get("labels")!.data);
    strictEqual(expected.clip_norm, 1);
    const trainer = fixtureTrainer(model, model.learnable, expected, expected.steps.length);
    let tensors: number | undefined;
    for (const { loss, grad_norm } of expected.steps) {
      const got = await trainer.step(() => model.forward(pixels), labels);
      assertClose([got.loss], [loss], LOSS, "loss");
      assertClose([got.gradNorm], [grad_norm], GRADIENT_NORM, "norm of the gradients");
      strictEqual(tf.memory().numTensors, tensors ??= tf.memory().numTensors, "tensors pile up");
    }
    for (const [tensor, { data }] of await model.download()) {
      assertClose(data, io.get(`trained.${tensor}`)!.data, WEIGHTS, tensor);
    }
    trainer.dispose();
    model.dispose();
  });
}

Deno.test("a convolution is the same as a product of neighbourhoods with filters", async () => {
  // One filter of 1 to 9 over the numbers 1 to 4 in a square, zeros around; counted by hand.
  const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
  const filter = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 1, 3, 3]);
  const byHand = [
    5 * 1 + 6 * 2 + 8 * 3 + 9 * 4,
    4 * 1 + 5 * 2 + 7 * 3 + 8 * 4,
    2 * 1 + 3 * 2 + 5 * 3 + 6 * 4,
    1 * 1 + 2 * 2 + 4 * 3 + 5 * 4,
  ];
  equal([...await convolution(x, filter).data()], byHand);
  equal([...await asProduct(x, filter).data()], byHand);
});

Deno.test("rates can't fall from block to block where there are none", async () => {
  const { model } = await read("gru");
  const options = {
    trainable: model.learnable,
    optimizer: { name: "sgd", momentum: 0, weightDecay: 0 } as const,
    learningRate: 1,
    schedule: { name: "constant", warmupRatio: 0 } as const,
    totalSteps: 1,
    clipNorm: null,
    labelSmoothing: 0,
  };
  throws(() => new Trainer(model, { ...options, layerDecay: 0.5 }), /the model \(rnn\) has none/);
  model.dispose();
});
