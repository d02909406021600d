import { join } from "node:path";
import { random } from "../base/random.ts";
import { FeatureShards, FeatureWriter, shardName } from "../data/features.ts";
import { tensorOfFloats } from "../engine/half.ts";
import { tf } from "../engine/tf.ts";
import { takeValues, valuesOf } from "../engine/values.ts";
import { BATCH } from "../stages/freeze/plan.ts";
import { parseModelConfig } from "../vit/config.ts";
import { VisionTransformer } from "../vit/model.ts";
import { parametersOf, trainableNames } from "../vit/parameters.ts";
import { Trainer } from "../vit/trainer.ts";
import { readWeights } from "../vit/weights.ts";
import { pixel, RECIPE, type Work } from "./work.ts";

/** Does the work once. @returns the number that is checked, or null. */
export type Once = () => Promise<number | null>;

/** Loads the model of some work and makes up its images; the engine must be open. */
export async function prepare(work: Work): Promise<Once> {
  const path = join(work.model, "config.json");
  const config = parseModelConfig(JSON.parse(await Deno.readTextFile(path)), path);
  const model = new VisionTransformer(config, await readWeights(work.model, config));
  const { imageSize: [height, width], labels } = model.config;
  const images = (count: number) =>
    Float32Array.from({ length: count * height * width * 3 }, (_, i) => pixel(i));
  const classes = (count: number) =>
    Int32Array.from({ length: count }, (_, i) => i % labels.length);

  switch (work.kind) {
    case "forward": {
      const pixels = tf.tensor4d(images(work.batch), [work.batch, height, width, 3]);
      return async () => {
        const values = await valuesOf(() => model.forward(pixels));
        return values.reduce((sum, x) => sum + Math.abs(x), 0) / values.length;
      };
    }
    case "step": {
      const pixels = tf.tensor4d(images(work.batch), [work.batch, height, width, 3]);
      const trainer = newTrainer(model, work.trainable);
      const target = classes(work.batch);
      return async () => (await trainer.step(() => model.forward(pixels), target)).loss;
    }
    case "epochs":
      return await prepareEpochs(work, model, images(work.images), classes(work.images));
  }
}

/** The frozen part's activations once, on disk as the product keeps them, then every epoch on those. */
async function prepareEpochs(
  work: Extract<Work, { kind: "epochs" }>,
  model: VisionTransformer,
  pixels: Float32Array,
  labels: Int32Array,
): Promise<Once> {
  const { imageSize: [height, width], blocks, hiddenSize } = model.config;
  const frozen = blocks - work.trainable;
  const folder = await Deno.makeTempDir({ prefix: "vitrine-bench-" });
  globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  const path = join(folder, shardName(0));
  const trunk = (first: number, count: number) =>
    tf.tidy(() => {
      const size = height * width * 3;
      const some = pixels.subarray(first * size, (first + count) * size);
      const x = model.embed(tf.tensor4d(some, [count, height, width, 3]));
      const y = model.blocks(x, 0, frozen);
      return work.trainable === 0 ? model.summarise(y) : y;
    });
  return async () => {
    const trainer = newTrainer(model, work.trainable);
    let writer: FeatureWriter | undefined;
    let tokens = 0;
    for (let at = 0; at < work.images; at += BATCH) {
      const activations = trunk(at, Math.min(BATCH, work.images - at));
      tokens = activations.shape[1];
      writer ??= await FeatureWriter.create(path, {
        dtype: "F16",
        images: work.images,
        tokens,
        width: hiddenSize,
      });
      writer.write(await takeValues(activations));
    }
    await writer!.close();

    const order = Int32Array.from({ length: work.images }, (_, i) => i);
    const { images } = work;
    using shards = new FeatureShards([path], {
      dtype: "F16",
      tokens,
      width: hiddenSize,
      shard: images,
      images,
    });
    for (let epoch = 0; epoch < work.epochs; epoch++) {
      random(1, `epoch ${epoch}`).shuffle(order);
      for (let at = 0; at < images; at += work.batch) {
        const rows = order.subarray(at, at + work.batch);
        const input = tensorOfFloats(await shards.readStored(rows), [
          rows.length,
          tokens,
          hiddenSize,
        ]);
        await trainer.step(
          () => model.classify(input as tf.Tensor3D, frozen),
          rows.map((row) => labels[row]),
        );
        input.dispose();
      }
    }
    trainer.dispose();
    return null;
  };
}

function newTrainer(model: VisionTransformer, trainable: number | "all"): Trainer {
  const { config } = model;
  const tops = Array.from(
    { length: trainable === "all" ? 0 : trainable },
    (_, i) => `block ${config.blocks - 1 - i}`,
  );
  const parts = new Set(["norm", "head", ...tops]);
  return new Trainer(model, {
    trainable: trainable === "all"
      ? trainableNames(config)
      : parametersOf(config).filter(({ part }) => parts.has(part)).map(({ name }) => name),
    optimizer: {
      name: "adamw",
      weightDecay: RECIPE.weightDecay,
      betas: [0.9, 0.999],
      epsilon: 1e-8,
    },
    learningRate: RECIPE.learningRate,
    schedule: { name: "constant", warmupRatio: 0 },
    totalSteps: 1,
    clipNorm: RECIPE.clipNorm,
    labelSmoothing: 0,
  });
}
