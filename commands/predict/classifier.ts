import { UserError } from "../../base/errors.ts";
import type { Size } from "../../data/resample.ts";
import type { Preprocessor } from "../../data/preprocessor.ts";
import { tf } from "../../engine/tf.ts";
import { takeValues, valuesOf } from "../../engine/values.ts";
import { readModelFolder } from "../../stages/load-pretrained/folder.ts";
import { imagesAtOnce } from "../../stages/visualize/observe.ts";
import { rolloutRow } from "../../vit/attention_rollout.ts";
import { type ModelConfig, prefixTokens, tokensOf } from "../../vit/config.ts";
import { atImageSize } from "../../vit/interpolate.ts";
import { VisionTransformer } from "../../vit/model.ts";
import { checkWeights, hasHead, readWeights } from "../../vit/weights.ts";

/** What a model makes of one image. */
export interface Classified {
  /** Of each class, adding up to 1. */
  readonly probabilities: Float64Array;
  /** Where it looks, where that was asked for. */
  readonly attention?: Attention;
}

/** The class token's attention to the patches, row by row. */
export interface Attention {
  /** In the last block, mean over heads. */
  readonly lastBlock: Float32Array;
  readonly rollout: Float64Array;
}

/** A checkpoint that has been read: what it is, and how images are made for it. */
export interface Checkpoint {
  readonly folder: string;
  readonly config: ModelConfig;
  readonly preprocessor: Preprocessor;
  readonly size: Size;
}

/**
 * Reads the descriptions of a checkpoint, and whether its weights fit them.
 * @param fetched Whether the weights are there; those of the Hub may still have to come.
 * @throws {UserError} if they are wrong, it has no head, or its patches do not fit its images.
 */
export async function readCheckpoint(folder: string, fetched: boolean): Promise<Checkpoint> {
  const { config, preprocessor } = readModelFolder(folder, { resolve: (path) => path });
  if (!(fetched ? await checkWeights(folder, config) : config.labels.length > 0)) {
    throw noHead(folder);
  }
  const [height, width] = preprocessor.size ?? config.imageSize;
  if (height % config.patchSize[0] !== 0 || width % config.patchSize[1] !== 0) {
    throw new UserError(
      `Cannot cut images of ${height}x${width}, as the preprocessor_config.json in ${folder} ` +
        `makes them, into patches of ${config.patchSize.join("x")}`,
    );
  }
  return { folder, config, preprocessor, size: { height, width } };
}

function noHead(folder: string): UserError {
  return new UserError(`Cannot predict with the model in ${folder}: it has no head for classes`, {
    hint: "Train one on it: deno task run CONFIG, with the folder as its model",
  });
}

/** A model on the engine that is open. Give it back with `using`. */
export class Classifier implements Disposable {
  readonly config: ModelConfig;
  /** Images at once. */
  readonly batch: number;
  readonly #model: VisionTransformer;
  readonly #attention: boolean;

  private constructor(model: VisionTransformer, attention: boolean) {
    this.config = model.config;
    this.#model = model;
    this.#attention = attention;
    this.batch = attention ? imagesAtOnce(model.config) : 32;
  }

  /**
   * Reads a checkpoint's weights, and fits its position embeddings to the size of its images.
   * @param attention Whether to look at attention too.
   */
  static async load(checkpoint: Checkpoint, attention: boolean): Promise<Classifier> {
    const { folder, size } = checkpoint;
    const stored = await readWeights(folder, checkpoint.config);
    if (!hasHead(stored)) throw noHead(folder);
    const { config, weights } = atImageSize(checkpoint.config, stored, [size.height, size.width]);
    return new Classifier(new VisionTransformer(config, weights), attention);
  }

  /**
   * @param pixels Normalised, `[n, height, width, 3]`.
   * @param n At most {@linkcode Classifier.batch}.
   * @throws {UserError} if the logits are no finite numbers.
   */
  async classify(pixels: Float32Array, n: number): Promise<Classified[]> {
    const { imageSize: [height, width], labels } = this.config;
    const kept: tf.Tensor[] = []; // by block, [n, tokens, tokens]
    const observe = (_block: number, attention: tf.Tensor4D) => {
      kept.push(tf.keep(attention.mean(1)));
    };
    const logits = await valuesOf(() => {
      const input = tf.tensor4d(pixels, [n, height, width, 3]);
      return this.#model.forward(input, this.#attention ? observe : undefined);
    });
    const means: Float32Array[] = [];
    for (const mean of kept) means.push(await takeValues(mean));
    if (!logits.every(Number.isFinite)) {
      throw new UserError("Cannot predict: the model's logits are no finite numbers", {
        hint: "Its weights are spoilt; train it again with a lower learning rate",
      });
    }
    return Array.from({ length: n }, (_, i) => ({
      probabilities: softmax(logits.subarray(i * labels.length, (i + 1) * labels.length)),
      ...(this.#attention && { attention: attentionOf(means, i, this.config) }),
    }));
  }

  [Symbol.dispose](): void {
    this.#model.dispose();
  }
}

/** @param means Attention by block, mean over heads, `[n, tokens, tokens]`. */
function attentionOf(
  means: readonly Float32Array[],
  image: number,
  config: ModelConfig,
): Attention {
  const tokens = tokensOf(config);
  const prefix = prefixTokens(config);
  const size = tokens * tokens;
  const own = means.map((weights) => weights.subarray(image * size, (image + 1) * size));
  return {
    lastBlock: own[own.length - 1].slice(prefix, tokens),
    // The mean over heads is that of one head.
    rollout: rolloutRow(own, 1, tokens).slice(prefix),
  };
}

function softmax(logits: Float32Array): Float64Array {
  let largest = -Infinity;
  for (const logit of logits) largest = Math.max(largest, logit);
  const exponentials = Float64Array.from(logits, (logit) => Math.exp(logit - largest));
  const sum = exponentials.reduce((a, b) => a + b, 0);
  return exponentials.map((value) => value / sum);
}
