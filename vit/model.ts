import { tf } from "../engine/tf.ts";
import { block, classToken } from "./block.ts";
import type { ModelConfig } from "./config.ts";
import { embed } from "./embeddings.ts";
import type { HostTensor } from "./host_tensor.ts";
import { dense } from "./ops/dense.ts";
import { layerNorm } from "./ops/layer_norm.ts";
import { sizeOf } from "./parameters.ts";

/** Called with a block's attention weights `[B, H, T, T]`, which are freed when it returns. */
export type Observer = (block: number, attention: tf.Tensor4D) => void;

/**
 * A Vision Transformer (Dosovitskiy et al. 2021) on the engine that is open. B images, T tokens (the
 * class token first), width D, H heads.
 *
 * ```ts
 * const model = new VisionTransformer(config, await readWeights(folder, config));
 * const logits = tf.tidy(() => model.forward(pixels));
 * ```
 */
export class VisionTransformer {
  readonly config: ModelConfig;
  /** Names of its tensors, from the pixels up. */
  readonly names: string[];
  readonly #variables: Map<string, tf.Variable>;

  /** @param weights As {@linkcode readWeights} gives them; without a head it has no logits. */
  constructor(config: ModelConfig, weights: ReadonlyMap<string, HostTensor>) {
    this.config = config;
    this.names = [...weights.keys()];
    this.#variables = new Map();
    for (const [name, { shape, data }] of weights) {
      const value = tf.tensor(data, shape, "float32");
      // Without a name of its own TensorFlow.js gives one, which may exist once in the process.
      this.#variables.set(name, tf.variable(value));
      value.dispose();
    }
  }

  /** One of its tensors. @throws {RangeError} if it has none of that name. */
  tensor = (name: string): tf.Variable => {
    const variable = this.#variables.get(name);
    if (!variable) throw new RangeError(`Cannot find "${name}": the model has no such tensor`);
    return variable;
  };

  /** Numbers in all of its tensors. */
  get size(): number {
    return [...this.#variables.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  }

  /** Patches, class token and positions: `[B, height, width, channels]` to `[B, T, D]`. */
  embed(pixels: tf.Tensor4D): tf.Tensor3D {
    return tf.tidy(() => embed(pixels, this.config, this.tensor));
  }

  /** Blocks `from` to `to - 1`, counted from below: `[B, T, D]` to `[B, T, D]`. */
  blocks(x: tf.Tensor3D, from: number, to: number, observe?: Observer): tf.Tensor3D {
    return tf.tidy(() => {
      for (let i = from; i < to; i++) x = this.#block(x, i, observe);
      return x.clone(); // what came in is not ours to return
    });
  }

  /** Final norm and classifier on the class token: `[B, T or 1, D]` to logits `[B, classes]`. */
  head(x: tf.Tensor3D): tf.Tensor2D {
    return tf.tidy(() => {
      const token = this.norm(x.shape[1] === 1 ? x : classToken(x) as tf.Tensor3D);
      const [batch, , width] = token.shape;
      const weight = this.tensor("classifier.weight");
      return dense(token.reshape([batch, width]), weight, this.tensor("classifier.bias"));
    });
  }

  /** The final norm: `[B, T, D]` to `[B, T, D]`. */
  norm(x: tf.Tensor3D): tf.Tensor3D {
    const [scale, shift] = ["vit.layernorm.weight", "vit.layernorm.bias"].map(this.tensor);
    return tf.tidy(() => {
      const rows = x.reshape([x.shape[0] * x.shape[1], x.shape[2]]);
      return layerNorm(rows, scale, shift, this.config.layerNormEps).reshape(x.shape);
    });
  }

  /**
   * Blocks from `from` up and the head: `[B, T, D]` to logits `[B, classes]`. The last block computes
   * the class token alone, which is what the head reads; the result is that of all tokens.
   */
  classify(x: tf.Tensor3D, from: number): tf.Tensor2D {
    const { blocks } = this.config;
    return tf.tidy(() => {
      if (from >= blocks) return this.head(x);
      const below = this.blocks(x, from, blocks - 1);
      return this.head(block(below, blocks - 1, this.config, this.tensor, "class token")[0]);
    });
  }

  /** Pixels `[B, height, width, channels]`, normalised, to logits `[B, classes]`. */
  forward(pixels: tf.Tensor4D, observe?: Observer): tf.Tensor2D {
    return tf.tidy(() => {
      const x = this.embed(pixels);
      if (!observe) return this.classify(x, 0);
      return this.head(this.blocks(x, 0, this.config.blocks, observe));
    });
  }

  /** Its tensors as they now stand. */
  async download(): Promise<Map<string, HostTensor>> {
    const weights = new Map<string, HostTensor>();
    for (const [name, variable] of this.#variables) {
      weights.set(name, { shape: [...variable.shape], data: await variable.data<"float32">() });
    }
    return weights;
  }

  dispose(): void {
    for (const variable of this.#variables.values()) variable.dispose();
  }

  #block(x: tf.Tensor3D, i: number, observe?: Observer): tf.Tensor3D {
    return tf.tidy(() => {
      const [output, attention] = block(x, i, this.config, this.tensor);
      observe?.(i, attention);
      return output;
    });
  }
}
