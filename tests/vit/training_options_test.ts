import { ok, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { tf } from "../../engine/tf.ts";
import { rateScale } from "../../vit/layer_decay.ts";
import { weightOf } from "../../vit/loss.ts";
import { VisionTransformer } from "../../vit/model.ts";
import { trainableNames } from "../../vit/parameters.ts";
import { Trainer } from "../../vit/trainer.ts";
import { largest } from "./differences.ts";
import {
  assertClose,
  channelsLast,
  FAMILY_FIXTURES,
  readModel,
  readTensors,
  TRAINING_FIXTURES,
} from "./golden.ts";

// What float32 on another backend can keep along a training run: the golden fixtures' README.
const LOSS = 2e-4;
const GRADIENT_NORM = 2e-3;
const WEIGHTS = 5e-4;

interface Case {
  readonly optimizer: "adamw" | "sgd";
  readonly decay: number;
  readonly weights: number[] | null;
  readonly smoothing: number;
  readonly clip: number | null;
  readonly steps: readonly { readonly loss: number; readonly grad_norm: number }[];
}

const fixture = JSON.parse(await Deno.readTextFile(join(TRAINING_FIXTURES, "training.json")));
const tensors = await readTensors(TRAINING_FIXTURES, "training.safetensors");
const labels = Int32Array.from(tensors.get("image_labels")!.data);

async function start({ optimizer, decay, weights, smoothing, clip, steps }: Case) {
  const read = await readModel(join(FAMILY_FIXTURES, "vit"));
  const model = new VisionTransformer(read.config, read.weights);
  const { weight_decay: weightDecay, momentum, epsilon, learning_rate: learningRate } = fixture;
  const trainer = new Trainer(model, {
    trainable: trainableNames(read.config),
    optimizer: optimizer === "sgd"
      ? { name: "sgd", momentum, weightDecay }
      : { name: "adamw", weightDecay, betas: [0.9, 0.999], epsilon },
    learningRate,
    layerDecay: decay,
    schedule: { name: "constant", warmupRatio: 0 },
    totalSteps: steps.length,
    clipNorm: clip,
    labelSmoothing: smoothing,
    classWeights: weights ?? undefined,
  });
  return { model, trainer, before: read.weights };
}

/** First and last image of each batch of a step. */
const CUTS = { "one batch": [[0, 11]], "three batches, the last short": [[0, 4], [4, 8], [8, 11]] };

for (const [name, expected] of Object.entries<Case>(fixture.trainings)) {
  for (const [how, cuts] of Object.entries(CUTS)) {
    Deno.test(`training with ${name}, a step of ${how}, takes PyTorch's course`, async () => {
      const { model, trainer, before } = await start(expected);
      const pixels = channelsLast(tensors.get("pixel_values")!);
      const total = weightOf({ labels }, expected.weights ?? undefined);
      let kept: number | undefined;
      for (const want of expected.steps) {
        for (const [from, to] of cuts) {
          const some = pixels.slice([from, 0, 0, 0], [to - from, -1, -1, -1]);
          trainer.add(() => model.forward(some), { labels: labels.slice(from, to) }, total);
          some.dispose();
        }
        const got = await trainer.finish();
        assertClose([got.loss], [want.loss], LOSS, "loss");
        assertClose([got.gradNorm], [want.grad_norm], GRADIENT_NORM, "gradient norm");
        strictEqual(tf.memory().numTensors, kept ??= tf.memory().numTensors, "tensors pile up");
      }
      for (const [tensor, { data }] of await model.download()) {
        const after = tensors.get(`${name}.${tensor}`) ?? before.get(tensor)!;
        ok(largest(data, after.data) <= WEIGHTS, tensor);
      }
      trainer.dispose();
      model.dispose();
      pixels.dispose();
    });
  }
}

Deno.test("the lower a layer the slower it learns, by BEiT's rule", () => {
  // 12 blocks, decay 0.75: get_layer_id gives 0, 1, 12 and 13 of 13.
  strictEqual(rateScale("vit.embeddings.cls_token", 12, 0.75), 0.75 ** 13);
  strictEqual(rateScale("vit.encoder.layer.0.layernorm_before.bias", 12, 0.75), 0.75 ** 12);
  strictEqual(rateScale("vit.encoder.layer.11.output.dense.weight", 12, 0.75), 0.75);
  strictEqual(rateScale("vit.layernorm.weight", 12, 0.75), 1);
  strictEqual(rateScale("classifier.weight", 12, 0.75), 1);
  strictEqual(rateScale("vit.embeddings.cls_token", 12, 1), 1);
});

Deno.test("a step that was given up leaves nothing behind", async () => {
  const [, expected] = Object.entries<Case>(fixture.trainings)[0];
  const { model, trainer } = await start(expected);
  const pixels = channelsLast(tensors.get("pixel_values")!);
  const noise = pixels.mul(3) as tf.Tensor4D;
  await rejects(() => trainer.finish(), /nothing was added/);
  trainer.add(() => model.forward(noise), { labels });
  trainer.discard();
  trainer.add(() => model.forward(pixels), { labels });
  assertClose([(await trainer.finish()).loss], [expected.steps[0].loss], LOSS, "loss");
});
