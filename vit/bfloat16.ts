import { tf } from "../engine/tf.ts";
import { foldBlock, type FoldedBlock } from "./fold.ts";
import type { VisionTransformer } from "./model.ts";
import type { ModelConfig } from "./model_config.ts";
import { activation } from "./ops/activation.ts";
import {
  affine,
  type Bfloat16,
  reshape,
  softmax,
  stackedProduct,
  toBfloat16,
  toFloat32,
  transpose,
  unstack,
} from "./ops/bfloat16.ts";
import { FUSED } from "./ops/mlp.ts";
import { normalise } from "./ops/normalise.ts";

/** As they are folded, not transposed. */
type Weights = Readonly<Record<Exclude<keyof FoldedBlock, "transposed">, Bfloat16>>;

/**
 * The lowest blocks of a model with their matrix products in bfloat16: what goes into a product is
 * rounded to it, and so is what comes out. Norms, softmax, activation functions and the sums of a
 * block's parts with what it read are computed in float32. For frozen blocks: there are no gradients.
 *
 * The engine must have the operations ({@linkcode hasBfloat16Ops}).
 */
export class Bfloat16Blocks implements Disposable {
  readonly #config: ModelConfig;
  readonly #weights: Weights[];

  /**
   * Rounds the weights, once they are folded as in float32.
   * @param count How many blocks, from below.
   */
  constructor(model: VisionTransformer, count: number) {
    this.#config = model.config;
    this.#weights = Array.from({ length: count }, (_, i) => {
      const rounded = tf.tidy(() => {
        const folded = Object.entries(foldBlock(i, model.config, model.tensor));
        return Object.fromEntries(
          folded.map((
            [name, tensor],
          ) => [name, tf.keep(toBfloat16(tensor) as unknown as tf.Tensor)]),
        );
      });
      return rounded as unknown as Weights;
    });
  }

  /** All of the blocks: `[B, T, D]` to `[B, T, D]`, both float32. */
  apply(x: tf.Tensor3D): tf.Tensor3D {
    let result = x.clone(); // what came in is not ours to free
    for (const weights of this.#weights) {
      const below = result;
      result = tf.tidy(() => block(below, weights, this.#config));
      below.dispose();
    }
    return result;
  }

  [Symbol.dispose](): void {
    for (const weights of this.#weights) {
      for (const tensor of Object.values(weights)) tensor.dispose();
    }
  }
}

/** As `block` in block.ts: `[B, T, D]` to `[B, T, D]`. */
function block(x: tf.Tensor3D, weights: Weights, config: ModelConfig): tf.Tensor3D {
  const { heads, hiddenSize: width, layerNormEps } = config;
  const [batch, tokens] = x.shape;
  const rows = x.reshape([batch * tokens, width]); // [B T, D]

  const normal = toBfloat16(normalise(rows, layerNormEps));
  const projected = affine(normal, weights.qkvWeight, weights.qkvBias);
  const perHead = reshape(projected, [batch, tokens, 3, heads, width / heads]);
  const [query, key, value] = unstack(transpose(perHead, [2, 0, 3, 1, 4])); // [B, H, T, width of a head]
  const attention = softmax(stackedProduct(query, key, true)); // [B, H, T, T]
  const mixed = transpose(stackedProduct(attention, value), [0, 2, 1, 3]);
  const joined = reshape(mixed, [batch * tokens, width]);
  const attended = toFloat32(affine(joined, weights.attentionWeight, weights.attentionBias))
    .add(rows);

  const hidden = widened(toBfloat16(normalise(attended, layerNormEps)), weights, config);
  return toFloat32(affine(hidden, weights.outWeight, weights.outBias))
    .add(attended).reshape(x.shape);
}

/** The first layer of the MLP and its activation function: `[rows, D]` to `[rows, hidden]`. */
function widened(x: Bfloat16, { inWeight, inBias }: Weights, config: ModelConfig): Bfloat16 {
  const fused = FUSED[config.hiddenAct];
  if (config.mlp !== "swiglu" && fused) return affine(x, inWeight, inBias, fused);
  const hidden = toFloat32(affine(x, inWeight, inBias));
  if (config.mlp !== "swiglu") return toBfloat16(activation(hidden, config.hiddenAct));
  const [gate, gated] = tf.split(hidden, 2, 1);
  return toBfloat16(activation(gate, "silu").mul(gated));
}
