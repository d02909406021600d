import { tf } from "../engine/tf.ts";
import { block, compiledBlock, lastBlock } from "./block.ts";
import type { Classifier } from "./classifier.ts";
import type { ModelConfig } from "./model_config.ts";
import { embed } from "./embeddings.ts";
import { type FoldedBlock, FoldedBlocks } from "./fold.ts";
import { classifySummary, scaleAndShift, summarise, tokensRead } from "./head.ts";
import type { HostTensor } from "./host_tensor.ts";
import { constant, isRecording } from "./ops/define.ts";
import { normalise } from "./ops/normalise.ts";
import { partOf, trainableNames } from "./parameters.ts";
import { Variables } from "./variables.ts";

/**
 * Called with a block's attention weights `[B, H, T, T]`; where gradients are computed, on the way back
 * once more, with what is differentiated by them. Both are freed when it returns.
 */
export type Observer = (block: number, attention: tf.Tensor4D, gradient?: tf.Tensor4D) => void;

/**
 * A Vision Transformer (Dosovitskiy et al. 2021) on the engine that is open. B images, T tokens (those
 * that are no patches first), width D, H heads.
 *
 * ```ts
 * const model = new VisionTransformer(config, await readWeights(folder, config));
 * const logits = tf.tidy(() => model.forward(pixels));
 * ```
 */
export class VisionTransformer implements Classifier {
  readonly config: ModelConfig;
  /** Names of its tensors, from the pixels up. */
  readonly names: string[];
  /** Names of the tensors that a trainer changes: gradients reach no others. */
  trainable: ReadonlySet<string> = new Set();
  readonly #variables: Variables;
  readonly #folded: FoldedBlocks;

  /** @param weights As {@linkcode readWeights} gives them; without a head it has no logits. */
  constructor(config: ModelConfig, weights: ReadonlyMap<string, HostTensor>) {
    this.config = config;
    this.#variables = new Variables(weights);
    this.names = this.#variables.names;
    this.#folded = new FoldedBlocks(config, this.tensor);
  }

  /** Names of those that logits depend on, in a classifier's order. */
  get learnable(): string[] {
    return trainableNames(this.config);
  }

  /** One of its tensors. @throws {RangeError} if it has none of that name. */
  tensor = (name: string): tf.Variable => this.#variables.tensor(name);

  /** Patches, class token and positions: `[B, height, width, channels]` to `[B, T, D]`. */
  embed(pixels: tf.Tensor4D): tf.Tensor3D {
    return tf.tidy(() => embed(pixels, this.config, this.tensor));
  }

  /** Blocks `from` to `to - 1`, counted from below: `[B, T, D]` to `[B, T, D]`. */
  blocks(x: tf.Tensor3D, from: number, to: number, observe?: Observer): tf.Tensor3D {
    let result = x.clone(); // what came in is not ours to free
    for (let i = from; i < to; i++) {
      const below = result;
      result = observe || isRecording()
        ? tf.tidy(() =>
          block(below, this.#fold(i), this.config, observe && ((...told) => observe(i, ...told)))
        )
        : compiledBlock(below, this.#fold(i), this.config);
      if (!isRecording()) below.dispose();
    }
    return result;
  }

  /** Final norm and classifier: `[B, T, D]` to logits `[B, classes]`. */
  head(x: tf.Tensor3D): tf.Tensor2D {
    return tf.tidy(() => classifySummary(summarise(x, this.config), this.config, this.tensor));
  }

  /** What is left of the last block's output, `[B, T, D]`, for norm and head: `[B, R, D]`. */
  summarise(x: tf.Tensor3D): tf.Tensor3D {
    return tf.tidy(() => summarise(x, this.config));
  }

  /** The final norm: `[B, T, D]` to `[B, T, D]`. */
  norm(x: tf.Tensor3D): tf.Tensor3D {
    return tf.tidy(() => {
      const normal = normalise(x.reshape([-1, x.shape[2]]), this.config.layerNormEps);
      return scaleAndShift(normal, this.config, this.tensor).reshape(x.shape);
    });
  }

  /**
   * Blocks from `from` up and the head, to logits `[B, classes]`. The last block computes no more
   * tokens than the head reads.
   *
   * @param x `[B, T, D]`; where all blocks are below, what {@linkcode summarise} gives, `[B, R, D]`.
   */
  classify(x: tf.Tensor3D, from: number): tf.Tensor2D {
    const { config } = this;
    const last = config.blocks - 1;
    return tf.tidy(() => {
      if (from > last) return classifySummary(x, config, this.tensor);
      const read = tokensRead(config);
      if (read === undefined) return this.head(this.blocks(x, from, last + 1));
      const summary = lastBlock(this.blocks(x, from, last), read, this.#fold(last), config);
      return classifySummary(summary, config, this.tensor);
    });
  }

  /**
   * Pixels `[B, height, width, channels]`, normalised, to logits `[B, classes]`.
   * @param observe All tokens are computed in the last block too where it is given.
   */
  forward(pixels: tf.Tensor4D, observe?: Observer): tf.Tensor2D {
    const { blocks } = this.config;
    return tf.tidy(() => {
      if (observe) return this.head(this.blocks(this.embed(pixels), 0, blocks, observe));
      const frozen = Math.min(this.#frozenBlocks(), blocks - 1);
      const below = () => this.blocks(this.embed(pixels), 0, Math.max(0, frozen));
      return this.classify(frozen < 0 ? below() : constant({ pixels }, below), Math.max(0, frozen));
    });
  }

  /** Its tensors as they now stand. */
  download(): Promise<Map<string, HostTensor>> {
    return this.#variables.download();
  }

  dispose(): void {
    this.#folded.dispose();
    this.#variables.dispose();
  }

  #fold(i: number): FoldedBlock {
    return isRecording() ? this.#folded.differentiable(i) : this.#folded.constant(i);
  }

  /** Blocks below the lowest trainable tensor; -1 where the embeddings are trainable. */
  #frozenBlocks(): number {
    const places = [...this.trainable].map((name) => {
      const part = partOf(name);
      if (part === "embeddings") return -1;
      return part.startsWith("block ") ? Number(part.slice(6)) : this.config.blocks;
    });
    return Math.min(this.config.blocks, ...places);
  }
}
