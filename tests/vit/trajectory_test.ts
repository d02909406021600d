import { strictEqual } from "node:assert/strict";
import { join } from "node:path";
import sharp from "sharp";
import { tf } from "../../engine/tf.ts";
import { takeValues, valuesOf } from "../../engine/values.ts";
import { type Score, score } from "../../vit/loss.ts";
import { VisionTransformer } from "../../vit/model.ts";
import { parametersOf } from "../../vit/parameters.ts";
import { Trainer } from "../../vit/trainer.ts";
import { assertClose, GOLDEN, readModel, readTensors } from "./golden.ts";

// What float32 on another backend can keep along a training run: the fixtures' README.
const LOSS = 2e-4;
const GRADIENT_NORM = 2e-3;
const WEIGHTS = 5e-4;
const TEST_LOGITS = 1e-3;

interface Split {
  /** `[N, 32, 32, 3]`, normalised. */
  readonly pixels: Float32Array;
  readonly labels: Int32Array;
}

const PIXELS = 32 * 32 * 3;

/** Images in order of class, then file name. */
async function readSplit(split: string): Promise<Split> {
  const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  const files = names(join(GOLDEN, "imagefolder", split)).flatMap((name, label) =>
    names(join(GOLDEN, "imagefolder", split, name)).map((file) => ({ name, file, label }))
  );
  const pixels = new Float32Array(files.length * PIXELS);
  for (const [i, { name, file }] of files.entries()) {
    const bytes = await sharp(join(GOLDEN, "imagefolder", split, name, file)).raw().toBuffer();
    strictEqual(bytes.length, PIXELS);
    pixels.set(
      Float32Array.from(bytes, (byte) => (Math.fround(byte / 255) - 0.5) / 0.5),
      i * PIXELS,
    );
  }
  return { pixels, labels: Int32Array.from(files, ({ label }) => label) };
}

const SPLITS = {
  train: await readSplit("train"),
  validation: await readSplit("validation"),
  test: await readSplit("test"),
};

interface Trajectory {
  config: {
    checkpoint: string;
    freeze_embeddings: boolean;
    freeze_blocks: number;
    epochs: number;
    batch_size: number;
    optimizer: "adamw" | "sgd";
    momentum: number | null;
    learning_rate: number;
    weight_decay: number;
    betas: [number, number];
    epsilon: number;
    schedule: "linear" | "cosine" | "constant";
    warmup_ratio: number;
    total_steps: number;
    clip_norm: number | null;
    label_smoothing: number;
  };
  steps: { step: number; learning_rate: number; loss: number; grad_norm: number }[];
  epochs: Record<string, number>[];
  test: { loss: number; accuracy: number };
}

async function start(name: string) {
  const path = join(GOLDEN, "trajectory", `${name}.json`);
  const { config, ...expected }: Trajectory = JSON.parse(await Deno.readTextFile(path));
  const read = await readModel(config.checkpoint);
  const model = new VisionTransformer(read.config, read.weights);
  const trainable = parametersOf(read.config).filter(({ part }) =>
    part.startsWith("block")
      ? Number(part.slice(6)) >= config.freeze_blocks
      : part !== "embeddings" || !config.freeze_embeddings
  ).map(({ name }) => name);
  const { weight_decay: weightDecay } = config;
  const trainer = new Trainer(model, {
    trainable,
    optimizer: config.optimizer === "sgd"
      ? { name: "sgd", momentum: config.momentum!, weightDecay }
      : { name: "adamw", weightDecay, betas: config.betas, epsilon: config.epsilon },
    learningRate: config.learning_rate,
    schedule: { name: config.schedule, warmupRatio: config.warmup_ratio },
    totalSteps: config.total_steps,
    clipNorm: config.clip_norm,
    labelSmoothing: config.label_smoothing,
  });
  return { config, expected, model, trainer };
}

/** Logits of images `first` to `last - 1` of a split. */
type Forward = (split: keyof typeof SPLITS, first: number, last: number) => tf.Tensor2D;

function fromPixels(model: VisionTransformer): Forward {
  return (split, first, last) => {
    const pixels = SPLITS[split].pixels.subarray(first * PIXELS, last * PIXELS);
    return model.forward(tf.tensor4d(pixels, [last - first, 32, 32, 3]));
  };
}

/** Runs the frozen blocks once over each split and keeps what they give. */
async function fromFeatures(model: VisionTransformer, frozen: number): Promise<Forward> {
  const kept = new Map<string, { shape: number[]; data: Float32Array }>();
  for (const [split, { pixels, labels }] of Object.entries(SPLITS)) {
    const x = tf.tidy(() => {
      const images = tf.tensor4d(pixels, [labels.length, 32, 32, 3]);
      const y = model.blocks(model.embed(images), 0, frozen);
      return frozen === model.config.blocks ? model.summarise(y) : y;
    });
    kept.set(split, { shape: x.shape, data: await takeValues(x) });
  }
  return (split, first, last) => {
    const { shape: [, tokens, width], data } = kept.get(split)!;
    const part = data.subarray(first * tokens * width, last * tokens * width);
    return model.classify(tf.tensor3d(part, [last - first, tokens, width]), frozen);
  };
}

async function evaluate(
  forward: Forward,
  split: keyof typeof SPLITS,
): Promise<Score & { logits: Float32Array }> {
  const { labels } = SPLITS[split];
  const logits = await valuesOf(() => forward(split, 0, labels.length));
  return { ...score(logits, labels), logits };
}

function assertScore(actual: Score, loss: number, accuracy: number, what: string) {
  assertClose([actual.loss / actual.images], [loss], LOSS, `${what} loss`);
  // To one image.
  const tolerance = 1 / actual.images + 1e-6;
  assertClose([actual.correct / actual.images], [accuracy], tolerance, `${what} accuracy`);
}

const NAMES = ["top-blocks-linear", "head-only-cosine", "full-linear", "last-block-sgd"];
const RUNS = NAMES.flatMap((name) =>
  // Nothing is frozen in full-linear, so there is nothing to keep.
  (name === "full-linear" ? ["pixels"] : ["pixels", "features"]).map((from) => ({ name, from }))
);

for (const { name, from } of RUNS) {
  Deno.test(`fine-tuning ${name} on ${from} takes PyTorch's course`, async () => {
    const { config, expected, model, trainer } = await start(name);
    let tensors: number | undefined;
    const forward = from === "pixels"
      ? fromPixels(model)
      : await fromFeatures(model, config.freeze_blocks);
    const { labels } = SPLITS.train;
    for (const epoch of expected.epochs) {
      for (let first = 0; first < labels.length; first += config.batch_size) {
        const last = Math.min(first + config.batch_size, labels.length);
        const step = trainer.stepsDone;
        const want = expected.steps[step];
        const got = await trainer.step(
          () => forward("train", first, last),
          labels.slice(first, last),
        );
        assertClose(
          [got.learningRate],
          [want.learning_rate],
          1e-12,
          `learning rate of step ${step}`,
        );
        assertClose([got.loss], [want.loss], LOSS, `loss of step ${step}`);
        assertClose([got.gradNorm], [want.grad_norm], GRADIENT_NORM, `grad_norm of step ${step}`);
      }
      for (const split of ["train", "validation"] as const) {
        const [loss, accuracy] = [epoch[`${split}_loss`], epoch[`${split}_accuracy`]];
        assertScore(
          await evaluate(forward, split),
          loss,
          accuracy,
          `${split}, epoch ${epoch.epoch},`,
        );
      }
      strictEqual(tf.memory().numTensors, tensors ??= tf.memory().numTensors, "tensors pile up");
    }
    strictEqual(trainer.stepsDone, expected.steps.length);

    const final = await readTensors("trajectory", `${name}.safetensors`);
    const test = await evaluate(fromPixels(model), "test");
    assertScore(test, expected.test.loss, expected.test.accuracy, "test");
    assertClose(test.logits, final.get("test_logits")!.data, TEST_LOGITS, "test logits");
    for (const [tensor, { data }] of await model.download()) {
      assertClose(data, final.get(`weights.${tensor}`)!.data, WEIGHTS, tensor);
    }
    trainer.dispose();
    model.dispose();
  });
}

Deno.test("a training that is saved and restored takes the same course, bit by bit", async () => {
  const run = async (interrupted: boolean) => {
    let { model, trainer } = await start("top-blocks-linear");
    const losses: number[] = [];
    for (let step = 0; step < 4; step++) {
      if (interrupted && step === 2) {
        const [weights, state] = [await model.download(), await trainer.state()];
        trainer = new Trainer(new VisionTransformer(model.config, weights), trainer.options);
        trainer.restore(state);
        model = trainer.model;
      }
      const forward = fromPixels(model);
      const labels = SPLITS.train.labels.slice(0, 16);
      losses.push((await trainer.step(() => forward("train", 0, 16), labels)).loss);
    }
    return losses;
  };
  strictEqual((await run(true)).join(), (await run(false)).join());
});
