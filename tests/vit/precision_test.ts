import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { UserError } from "../../base/errors.ts";
import { hasRawOps } from "../../engine/raw.ts";
import { tf } from "../../engine/tf.ts";
import { LossScale } from "../../vit/loss_scale.ts";
import { VisionTransformer } from "../../vit/model.ts";
import { inPrecision, type Precision } from "../../vit/ops/low_precision.ts";
import { product, stackedProduct } from "../../vit/ops/matmul.ts";
import { trainableNames } from "../../vit/parameters.ts";
import { Trainer } from "../../vit/trainer.ts";
import { largest } from "./differences.ts";
import { channelsLast, readModel, readTensors } from "./golden.ts";

const ignore = !hasRawOps();

/** Half of the distance between neighbouring numbers near 1: what rounding moves a number by. */
const UNIT = { bfloat16: 2 ** -8, float16: 2 ** -11 } as const;

/** Four steps of all of the smallest model, beside those that are skipped. */
async function train(precision: Precision, stopAt?: number) {
  const { config, weights } = await readModel("vit");
  const io = await readTensors("vit", "io.safetensors");
  const pixels = channelsLast(io.get("pixel_values")!);
  const labels = Int32Array.from({ length: pixels.shape[0] }, (_, i) => i % 3);
  const options = {
    trainable: trainableNames(config),
    optimizer: { name: "sgd", momentum: 0.9, weightDecay: 0 },
    learningRate: 0.01,
    schedule: { name: "constant", warmupRatio: 0 },
    totalSteps: 4,
    clipNorm: 1,
    labelSmoothing: 0,
    precision,
  } as const;
  let model = new VisionTransformer(config, weights);
  let trainer = new Trainer(model, options);
  const losses: number[] = [];
  const norms: number[] = [];
  let skipped = 0;
  while (losses.length < 4) {
    if (losses.length + skipped === stopAt) {
      const [saved, state] = [await model.download(), await trainer.state()];
      model = new VisionTransformer(config, saved);
      trainer = new Trainer(model, options);
      trainer.restore(state);
    }
    const { loss, gradNorm } = await trainer.step(() => model.forward(pixels), labels);
    if (gradNorm === 0) {
      skipped++;
      continue;
    }
    losses.push(loss);
    norms.push(gradNorm);
  }
  return { losses, norms, skipped, weights: await model.download() };
}

for (const precision of ["bfloat16", "float16"] as const) {
  Deno.test({
    name: `products in ${precision} are those of rounded factors`,
    ignore,
    fn() {
      const a = tf.randomNormal([2, 5, 7], 0, 1, "float32", 1) as tf.Tensor3D;
      const b = tf.randomNormal([2, 7, 3], 0, 1, "float32", 2) as tf.Tensor3D;
      const pairs = [
        [stackedProduct(a, b), inPrecision(precision, () => stackedProduct(a, b))],
        [
          tf.matMul(a, b),
          inPrecision(precision, () => stackedProduct(a.transpose([0, 2, 1]), b, { a: true })),
        ],
        [
          product(a.reshape([10, 7]), b.reshape([6, 7]), { b: true }),
          inPrecision(precision, () => product(a.reshape([10, 7]), b.reshape([6, 7]), { b: true })),
        ],
      ];
      for (const [exact, low] of pairs) {
        const difference = largest(low.dataSync(), exact.dataSync());
        ok(difference > 0);
        // Three roundings of numbers up to 3, added up over 7.
        ok(difference < 3 * UNIT[precision] * 7 * 3, String(difference));
      }
    },
  });

  Deno.test({
    name: `training in ${precision} stays near float32's course`,
    ignore,
    async fn() {
      const exact = await train("float32");
      const low = await train(precision);
      // Gradients of this model, times 65536, are no numbers of float16: the scale falls once or twice.
      ok(precision === "float16" ? low.skipped > 0 : low.skipped === 0, String(low.skipped));
      const relative = low.norms.map((norm, i) => Math.abs(norm / exact.norms[i] - 1));
      ok(Math.max(...relative) < 8 * UNIT[precision], `gradient norms ${relative}`);
      ok(largest(low.losses, exact.losses) > 0);
      ok(largest(low.losses, exact.losses) < 4 * UNIT[precision], `losses ${low.losses}`);
      for (const [name, { data }] of low.weights) {
        const difference = largest(data, exact.weights.get(name)!.data);
        // Of steps that are 0.01 long each at most, and their momentum.
        ok(difference < 0.1 * 4 * UNIT[precision], `${name} ${difference}`);
      }
    },
  });

  Deno.test({
    name: `training in ${precision} goes on from a checkpoint bit by bit`,
    ignore,
    async fn() {
      const [whole, stopped] = [await train(precision), await train(precision, 2)];
      strictEqual(stopped.losses.join(), whole.losses.join());
      strictEqual(stopped.norms.join(), whole.norms.join());
    },
  });
}

Deno.test("the loss's scale moves as torch.amp.GradScaler's", () => {
  const scale = new LossScale();
  strictEqual(scale.scale, 65_536);
  strictEqual(scale.update(false), false);
  strictEqual(scale.scale, 32_768);
  for (let i = 0; i < 1_999; i++) strictEqual(scale.update(true), true);
  strictEqual(scale.scale, 32_768);
  const restored = new LossScale();
  restored.restore(scale.state);
  strictEqual(restored.update(true), true);
  strictEqual(restored.scale, 65_536);
  strictEqual(restored.skipped, 1);
});

Deno.test({
  name:
    "gradients too large for float16 halve the scale and change nothing else; without end they end it",
  ignore,
  async fn() {
    const { config, weights } = await readModel("vit");
    const model = new VisionTransformer(config, weights);
    const trainer = new Trainer(model, {
      trainable: ["classifier.weight", "classifier.bias"],
      optimizer: { name: "adamw", weightDecay: 0.1, betas: [0.9, 0.999], epsilon: 1e-8 },
      learningRate: 0.01,
      schedule: { name: "constant", warmupRatio: 0 },
      totalSteps: 100,
      clipNorm: 1,
      labelSmoothing: 0,
      precision: "float16",
    });
    const features = tf.randomNormal([4, 1, 32], 0, 1, "float32", 3) as tf.Tensor3D;
    const labels = Int32Array.of(0, 1, 2, 3);
    // The logits as they are, and gradients of them that no number holds.
    const overflow = tf.customGrad((x) => ({
      value: (x as tf.Tensor).clone(),
      gradFunc: (dy) => (dy as tf.Tensor).mul(Infinity),
    }));
    const step = (over: boolean) =>
      trainer.step(() => {
        const logits = model.classify(features, config.blocks);
        return (over ? overflow(logits) : logits) as tf.Tensor2D;
      }, labels);

    await step(false);
    const [before, state] = [await model.download(), await trainer.state()];
    const tensors = tf.memory().numTensors;
    const { loss, gradNorm } = await step(true);
    ok(Number.isFinite(loss));
    strictEqual(gradNorm, 0);
    strictEqual(trainer.stepsDone, 2);
    strictEqual(tf.memory().numTensors, tensors);
    deepStrictEqual(await model.download(), before);
    const after = await trainer.state();
    deepStrictEqual([...after.get("loss_scale")!.data], [32_768, 0, 1]);
    for (const name of ["loss_scale", "steps_done"]) {
      for (const all of [state, after]) all.delete(name);
    }
    deepStrictEqual(after, state);

    // As the second step of an optimizer that has seen no other.
    await step(false);
    const skipping = await model.download();
    for (const [name, { shape, data }] of before) {
      tf.tidy(() => model.tensor(name).assign(tf.tensor(data, shape)));
    }
    const scale = { shape: [3], data: Float32Array.of(32_768, 1, 0) };
    trainer.restore(
      new Map([...state, ["loss_scale", scale], ["steps_done", {
        shape: [2],
        data: Float32Array.of(0, 1),
      }]]),
    );
    await step(false);
    deepStrictEqual(await model.download(), skipping);

    let steps = 0;
    await rejects(
      async () => {
        for (;; steps++) await step(true);
      },
      (error: Error) =>
        error instanceof UserError && /norm of the gradients/.test(error.message) &&
        /or precision: bfloat16/.test(error.hint!),
    );
    strictEqual(steps, 15); // from 2^15 down to 1
    strictEqual(tf.memory().numTensors, tensors);
    trainer.dispose();
    model.dispose();
    features.dispose();
  },
});
