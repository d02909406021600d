import { deepStrictEqual as equal, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { UserError } from "../../base/errors.ts";
import { tf } from "../../engine/tf.ts";
import { VisionTransformer } from "../../vit/model.ts";
import { Trainer, type TrainerOptions } from "../../vit/trainer.ts";
import { assertClose, readModel } from "./golden.ts";

const HEAD: TrainerOptions = {
  trainable: ["classifier.weight", "classifier.bias"],
  optimizer: { name: "adamw", weightDecay: 0.1, betas: [0.9, 0.999], epsilon: 1e-8 },
  learningRate: 0.01,
  schedule: { name: "constant", warmupRatio: 0 },
  totalSteps: 10,
  clipNorm: 1,
  labelSmoothing: 0,
};

async function start(change: Partial<TrainerOptions> = {}) {
  const { config, weights } = await readModel("vit");
  const model = new VisionTransformer(config, weights);
  const trainer = new Trainer(model, { ...HEAD, ...change });
  const features = tf.randomNormal([4, 1, 32], 0, 1, "float32", 3) as tf.Tensor3D;
  const labels = Int32Array.of(0, 1, 2, 3);
  return { model, trainer, weights, features, labels, step };
  function step(scale = 1) {
    return trainer.step(() => model.classify(features, 4).mul(scale) as tf.Tensor2D, labels);
  }
}

for (const [what, scale] of [["infinite", 3e38], ["not a number", NaN]] as const) {
  Deno.test(`a loss that is ${what} stops the step before any weight changes`, async () => {
    const { model, trainer, weights, step } = await start();
    const state = await trainer.state();
    await rejects(
      () => step(scale),
      (error: UserError) =>
        error instanceof UserError && /step 0/.test(error.message) && /0\.01/.test(error.hint!),
    );
    equal(await model.download(), weights);
    equal(await trainer.state(), state);
    strictEqual(trainer.stepsDone, 0);
  });
}

Deno.test("only what is trainable changes", async () => {
  const { model, weights, step } = await start();
  await step();
  for (const [name, { data }] of await model.download()) {
    strictEqual(
      data.join() !== weights.get(name)!.data.join(),
      HEAD.trainable.includes(name),
      name,
    );
  }
});

Deno.test("a clipped step is that of the gradient scaled to the norm allowed", async () => {
  const sgd = { name: "sgd", momentum: 0, weightDecay: 0 } as const;
  const change = async (clipNorm: number | null) => {
    const { model, weights, step } = await start({ optimizer: sgd, learningRate: 1, clipNorm });
    const { gradNorm } = await step();
    const moved = (await model.download()).get("classifier.bias")!.data
      .map((x, i) => x - weights.get("classifier.bias")!.data[i]);
    return { gradNorm, moved };
  };
  const [free, clipped, loose] = [await change(null), await change(0.01), await change(1e6)];
  ok(free.gradNorm > 0.01);
  strictEqual(clipped.gradNorm, free.gradNorm);
  equal(loose.moved, free.moved);
  assertClose(
    clipped.moved,
    free.moved.map((x) => x * 0.01 / (free.gradNorm + 1e-6)),
    1e-6,
    "step",
  );
});

Deno.test("decay reaches matrices and spares biases", async () => {
  // With a rate of 0 for the gradients' part there would be no decay either, so: equal gradients,
  // with decay and without; what differs is the decay alone.
  const weights = async (weightDecay: number) => {
    const { model, step } = await start({ optimizer: { ...HEAD.optimizer, weightDecay } });
    await step();
    return await model.download();
  };
  const [plain, decayed] = [await weights(0), await weights(0.5)];
  const { weights: before } = await start();
  equal(decayed.get("classifier.bias"), plain.get("classifier.bias"));
  const old = before.get("classifier.weight")!.data;
  const expected = plain.get("classifier.weight")!.data.map((x, i) => x - 0.01 * 0.5 * old[i]);
  assertClose(decayed.get("classifier.weight")!.data, expected, 1e-7, "weight");
});

Deno.test("a state of other tensors is refused", async () => {
  const { trainer } = await start();
  const other = await start({ trainable: ["classifier.bias"] });
  const state = await other.trainer.state();
  throws(() => trainer.restore(state), /exp_avg\.classifier\.weight/);
});

Deno.test("a trainer of nothing, or of what the model lacks, is refused", async () => {
  const { config, weights } = await readModel("vit");
  const model = new VisionTransformer(config, weights);
  throws(() => new Trainer(model, { ...HEAD, trainable: [] }), RangeError);
  throws(() => new Trainer(model, { ...HEAD, trainable: ["decoder.weight"] }), /decoder\.weight/);
});

Deno.test("a tensor that the logits do not depend on is named", async () => {
  const name = "vit.encoder.layer.0.output.dense.bias";
  const { step } = await start({ trainable: [...HEAD.trainable, name] });
  await rejects(
    () => step(),
    (error: Error) => error instanceof RangeError && error.message.includes(name),
  );
});
