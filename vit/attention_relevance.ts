import { tf } from "../engine/tf.ts";
import { takeValues } from "../engine/values.ts";
import { times } from "./attention_rollout.ts";
import { tokensRead } from "./head.ts";
import { type ModelConfig, prefixTokens, tokensOf } from "./model_config.ts";
import type { VisionTransformer } from "./model.ts";
import { constant } from "./ops/define.ts";

/** What the gradient of one logit of each image says of every block's attention. */
export interface RelevanceSteps {
  /** `[B, classes]`. */
  readonly logits: Float32Array;
  /** By block from below `[B, T, T]`: mean over heads of the positive part of gradient times weight. */
  readonly relevant: readonly Float32Array[];
  /** By block from below `[B, T, T]`: mean over heads of the weights. */
  readonly weights: readonly Float32Array[];
}

/**
 * Runs images through a model and back again, from the logit of one class of each to the attention
 * weights of all blocks: the exact gradient, taken where the weights are, not at the scores below the
 * softmax (Chefer, Gur and Wolf 2021, "Generic attention-model explainability", eq. 5).
 *
 * @param pixels `[B, height, width, channels]`, normalised.
 * @param classes The class of each image, `[B]`; missing: that of its largest logit.
 */
export async function relevanceSteps(
  model: VisionTransformer,
  pixels: tf.Tensor4D,
  classes?: ArrayLike<number>,
): Promise<RelevanceSteps> {
  const { blocks } = model.config;
  const relevant: tf.Tensor[] = [];
  const weights: tf.Tensor[] = [];
  let logits: tf.Tensor | undefined;
  const meanOverHeads = (x: tf.Tensor) => tf.keep(x.mean(1));
  const compute = () => {
    const chosen = (x: tf.Tensor) => {
      const top = model.blocks(x as tf.Tensor3D, 0, blocks, (block, attention, gradient) => {
        tf.tidy(() => {
          if (gradient === undefined) weights[block] = meanOverHeads(attention);
          else relevant[block] = meanOverHeads(attention.mul(gradient).relu());
        });
      });
      const output = logits = tf.keep(model.head(top));
      const one = constant({}, () => {
        const chosen = classes === undefined
          ? output.argMax(1)
          : tf.tensor1d(Int32Array.from(classes), "int32");
        return tf.oneHot(chosen as tf.Tensor1D, output.shape[1]).cast("float32");
      });
      // Images do not touch one another: the gradient of a sum is that of each one's own logit.
      return output.mul(one).sum() as tf.Scalar;
    };
    tf.grad(chosen)(model.embed(pixels));
  };
  try {
    tf.tidy(compute);
    return {
      logits: await takeValues(logits!),
      relevant: await takeAll(relevant),
      weights: await takeAll(weights),
    };
  } finally {
    tf.dispose([logits, relevant, weights] as tf.Tensor[][]); // those that an error left
  }
}

async function takeAll(tensors: readonly tf.Tensor[]): Promise<Float32Array[]> {
  const values: Float32Array[] = [];
  for (const tensor of tensors) values.push(await takeValues(tensor));
  return values;
}

/**
 * Gradient-weighted rollout for one class (the same paper, eq. 6 for self-attention): R starts as the
 * identity, and every block adds its relevant part times R. Of what results, beyond the identity, the
 * rows of those tokens are added up that the head reads: each one's share in the logit is in the
 * gradients already. That is the class token's row, where nothing else is read.
 *
 * @param relevant By block from below, `[T, T]` each, of one image.
 * @returns By patch, none negative; all 0 where no attention speaks for the class.
 */
export function relevance(relevant: readonly Float32Array[], config: ModelConfig): Float32Array {
  const tokens = tokensOf(config);
  const prefix = prefixTokens(config);
  const read = readByHead(config);
  let row = Float64Array.from(read);
  // From the top down, a row of (I + A_n) ... (I + A_0).
  for (const step of relevant.toReversed()) {
    const more = times(row, step);
    row = row.map((value, token) => value + more[token]);
  }
  return Float32Array.from({ length: tokens - prefix }, (_, patch) => {
    return row[prefix + patch] - read[prefix + patch];
  });
}

/** 1 for each token of the last block that the head reads, else 0: `[T]`. */
function readByHead(config: ModelConfig): Float64Array {
  const first = tokensRead(config);
  const prefix = prefixTokens(config);
  return Float64Array.from({ length: tokensOf(config) }, (_, token) => {
    // Where the head reads the patches' mean it reads the class token, and no register.
    const isRead = first === undefined ? token === 0 || token >= prefix : token < first;
    return Number(isRead);
  });
}

/** Bytes that what is kept for the way back may take. */
const MEMORY = 512 * 2 ** 20;

/** How many images to take through {@linkcode relevanceSteps} at once. */
export function relevanceAtOnce(config: ModelConfig): number {
  const tokens = tokensOf(config);
  // Weights, their gradient and scores by head; some 12 arrays of a token's width, 4 of the MLP's.
  const attention = 3 * config.heads * tokens ** 2;
  const numbers = attention + tokens * (12 * config.hiddenSize + 4 * config.intermediateSize);
  return Math.max(1, Math.min(32, Math.floor(MEMORY / (4 * config.blocks * numbers))));
}
