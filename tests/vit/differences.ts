import { join } from "node:path";
import { tf } from "../../engine/tf.ts";
import { takeValues } from "../../engine/values.ts";
import type { Classifier } from "../../vit/classifier.ts";
import { atImageSize } from "../../vit/interpolate.ts";
import { VisionTransformer } from "../../vit/model.ts";
import { partOf, trainableNames } from "../../vit/parameters.ts";
import { Trainer } from "../../vit/trainer.ts";
import { channelsLast, FAMILY_FIXTURES, readModel, readTensors } from "./golden.ts";

/** Largest differences from PyTorch's numbers, absolute. */
export type Differences = Record<string, number>;

/** The largest difference between two lists; Infinity if they are not of one length. */
export function largest(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let worst = 0;
  for (let i = 0; i < actual.length; i++) {
    const difference = Math.abs(actual[i] - expected[i]);
    if (!(difference <= worst)) worst = Number.isNaN(difference) ? Infinity : difference;
  }
  return worst;
}

/**
 * Compares a model's every hidden state, attention and output with those of its fixture.
 * @param folder One of the golden folder, or a path. It has `io.safetensors`.
 */
export async function compareForward(folder: string): Promise<Differences> {
  const { config, weights } = await readModel(folder);
  const io = await readTensors(folder, "io.safetensors");
  const model = new VisionTransformer(config, weights);
  const pixels = channelsLast(io.get("pixel_values")!);
  const expected = (name: string) => io.get(name)!.data;
  let x = model.embed(pixels);
  let hidden = largest(await x.data(), expected("hidden_states.0"));
  const attentions: number[] = [];
  for (let block = 0; block < config.blocks; block++) {
    const seen: tf.Tensor[] = [];
    x = model.blocks(x, block, block + 1, (_, attention) => {
      seen.push(tf.keep(attention.clone()));
    });
    attentions.push(largest(await takeValues(seen[0]), expected(`attentions.${block}`)));
    // transformers gives the last one after the final norm only to those who ask for it there.
    hidden = Math.max(hidden, largest(await x.data(), expected(`hidden_states.${block + 1}`)));
  }
  if (attentions.length !== config.blocks) throw new Error("not every block was observed");
  const outputs = io.has("logits")
    // Whole, with the last block short of what the head does not read, and observed.
    ? [model.head(x), model.forward(pixels), model.forward(pixels, () => {})]
    : [model.norm(x)];
  const target = expected(io.has("logits") ? "logits" : "last_hidden_state");
  let output = 0;
  for (const each of outputs) output = Math.max(output, largest(await takeValues(each), target));
  model.dispose();
  return {
    hidden_states: hidden,
    attentions: Math.max(...attentions),
    [io.has("logits") ? "logits" : "last_hidden_state"]: output,
  };
}

/** Logits of images of another size, `larger` or `smaller`. */
export async function compareResized(name: string, size: string): Promise<number> {
  const folder = join(FAMILY_FIXTURES, name);
  const { config, weights } = await readModel(folder);
  const io = await readTensors(folder, "io.safetensors");
  const pixels = channelsLast(io.get(`${size}.pixel_values`)!);
  const fitted = atImageSize(config, weights, [pixels.shape[1], pixels.shape[2]]);
  const model = new VisionTransformer(fitted.config, fitted.weights);
  const difference = largest(await model.forward(pixels).data(), io.get(`${size}.logits`)!.data);
  model.dispose();
  return difference;
}

/** What is frozen in each training of the families' fixtures. */
export const TRAININGS = { all: -1, top: 2, head: 3 } as const;

/** Trains as the scripts do that made the fixtures, by their `steps.json`. */
export function fixtureTrainer(
  model: Classifier,
  trainable: readonly string[],
  recipe: {
    readonly learning_rate: number;
    readonly weight_decay: number;
    readonly epsilon: number;
  },
  totalSteps: number,
): Trainer {
  const { learning_rate: learningRate, weight_decay: weightDecay, epsilon } = recipe;
  return new Trainer(model, {
    trainable,
    optimizer: { name: "adamw", weightDecay, betas: [0.9, 0.999], epsilon },
    learningRate,
    schedule: { name: "constant", warmupRatio: 0 },
    totalSteps,
    clipNorm: 1,
    labelSmoothing: 0,
  });
}

/**
 * Trains as the fixture did.
 *
 * @param training `all`; `top`: the top block, norm and head; `head`: norm and head.
 * @param from Where the training starts: from the pixels, or from activations of the frozen part.
 */
export async function compareTraining(
  name: string,
  training: keyof typeof TRAININGS,
  from: "pixels" | "activations",
): Promise<Differences> {
  const folder = join(FAMILY_FIXTURES, name);
  const { config, weights } = await readModel(folder);
  const io = await readTensors(folder, "io.safetensors");
  const steps = JSON.parse(await Deno.readTextFile(join(folder, "steps.json")));
  const frozen = TRAININGS[training];
  const trainable = trainableNames(config).filter((tensor) => {
    const part = partOf(tensor);
    if (part === "embeddings") return frozen < 0;
    return !part.startsWith("block ") || Number(part.slice("block ".length)) >= frozen;
  });
  const model = new VisionTransformer(config, weights);
  const trainer = fixtureTrainer(model, trainable, steps, steps[training].length);
  const pixels = channelsLast(io.get("pixel_values")!);
  const labels = Int32Array.from(io.get("labels")!.data);
  const activations = tf.tidy(() => {
    const x = model.blocks(model.embed(pixels), 0, Math.max(0, frozen));
    return frozen === config.blocks ? model.summarise(x) : x;
  });
  const result: Differences = { loss: 0, grad_norm: 0, weights: 0 };
  for (const expected of steps[training]) {
    const { loss, gradNorm } = await trainer.step(
      () => from === "pixels" ? model.forward(pixels) : model.classify(activations, frozen),
      labels,
    );
    result.loss = Math.max(result.loss, Math.abs(loss - expected.loss));
    result.grad_norm = Math.max(result.grad_norm, Math.abs(gradNorm - expected.grad_norm));
  }
  for (const [tensor, { data }] of await model.download()) {
    // The fixture has those that moved; all others are as they were.
    const expected = io.get(`${training}.${tensor}`) ?? weights.get(tensor)!;
    result.weights = Math.max(result.weights, largest(data, expected.data));
  }
  model.dispose();
  return result;
}
