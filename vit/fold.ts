import { tf } from "../engine/tf.ts";
import type { ModelConfig } from "./model_config.ts";
import type { Parameters } from "./embeddings.ts";
import type { MlpWeights } from "./ops/mlp.ts";
import { blockTensor, type Layer, layerScale, tensorsOf } from "./parameters.ts";

/** A block's weights as it computes with them. D is the width of a token. */
export interface FoldedBlock extends MlpWeights {
  /** Query, key and value in one, `[3 D, D]`; this and the other matrices may be transposed. */
  readonly qkvWeight: tf.Tensor2D;
  /** `[3 D]`. */
  readonly qkvBias: tf.Tensor1D;
  /** The projection of what attention gives, `[D, D]`. */
  readonly attentionWeight: tf.Tensor;
  /** `[D]`. */
  readonly attentionBias: tf.Tensor;
}

/**
 * Folds into a block's matrices what is done to all tokens alike, so that it is done once to a small
 * matrix: a norm's scale s and shift t, by W (s n + t) + b = (W s) n + (W t + b), the division of
 * queries by the root of a head's width, and the scale l of what is added, l (W x + b) = (l W) x + l b.
 * Differentiable: gradients reach the tensors themselves.
 */
export function foldBlock(
  block: number,
  config: ModelConfig,
  parameters: Parameters,
): FoldedBlock {
  const weight = (layer: Layer) => parameters(`${blockTensor(block, layer, config)}.weight`);
  const bias = (layer: Layer) => parameters(`${blockTensor(block, layer, config)}.bias`);
  const folded = (layer: Layer, norm: Layer, hasBias = true) => {
    const shift = bias(norm).reshape([-1, 1]);
    const moved = weight(layer).matMul(shift).reshape([-1]);
    return {
      weight: weight(layer).mul(weight(norm)) as tf.Tensor2D,
      bias: (hasBias ? moved.add(bias(layer)) : moved) as tf.Tensor1D,
    };
  };
  const scaled = (layer: "attentionOutput" | "output") => {
    if (!config.layerScale) return { weight: weight(layer), bias: bias(layer) };
    const scales = parameters(layerScale(block, layer, config));
    return {
      weight: weight(layer).mul(scales.reshape([-1, 1])),
      bias: bias(layer).mul(scales),
    };
  };
  const scale = 1 / Math.sqrt(config.hiddenSize / config.heads);
  const query = folded("query", "normBefore", config.qkvBias);
  const key = folded("key", "normBefore", config.qkvBias);
  const value = folded("value", "normBefore", config.qkvBias);
  const intermediate = folded("intermediate", "normAfter");
  const [attention, output] = [scaled("attentionOutput"), scaled("output")];
  return {
    qkvWeight: tf.concat([query.weight.mul(scale), key.weight, value.weight]) as tf.Tensor2D,
    // A key's bias moves all scores of a query alike, and so no weight: left in, its gradient would
    // be rounding, which AdamW makes full steps of.
    qkvBias: tf.concat([query.bias.mul(scale), key.bias.mul(0), value.bias]) as tf.Tensor1D,
    attentionWeight: attention.weight,
    attentionBias: attention.bias,
    inWeight: intermediate.weight,
    inBias: intermediate.bias,
    outWeight: output.weight,
    outBias: output.bias,
  };
}

/** A model's folded blocks. Those that no gradient goes through are kept until a tensor changes. */
export class FoldedBlocks {
  readonly #config: ModelConfig;
  readonly #parameters: Parameters;
  readonly #kept = new Map<number, { folded: FoldedBlock; madeOf: unknown[] }>();

  constructor(config: ModelConfig, parameters: Parameters) {
    this.#config = config;
    this.#parameters = parameters;
  }

  /** Folded anew, for gradients to go through. */
  differentiable(block: number): FoldedBlock {
    return foldBlock(block, this.#config, this.#parameters);
  }

  /** Folded once for the values that the block's tensors now have. */
  constant(block: number): FoldedBlock {
    // A tensor that is given new values has new data.
    const madeOf = tensorsOf(block, this.#config).map((name) => this.#parameters(name).dataId);
    const kept = this.#kept.get(block);
    if (kept?.madeOf.every((data, i) => data === madeOf[i])) return kept.folded;
    if (kept) free(kept.folded);
    const folded = this.#fold(block);
    this.#kept.set(block, { folded, madeOf });
    return folded;
  }

  /**
   * Stores matrices transposed, which saves a product of few rows a tenth of its time; not those of
   * the last block, which lastBlock takes apart.
   */
  #fold(block: number): FoldedBlock {
    const transposed = block < this.#config.blocks - 1;
    const tensors = tf.tidy(() => {
      const folded = { ...this.differentiable(block) } as unknown as tf.NamedTensorMap;
      if (!transposed) return folded;
      const stored = ([name, tensor]: [string, tf.Tensor]) =>
        [name, tensor.rank === 2 ? tensor.transpose() : tensor] as const;
      return Object.fromEntries(Object.entries(folded).map(stored));
    });
    for (const tensor of Object.values(tensors)) tf.keep(tensor);
    return { ...tensors, transposed } as unknown as FoldedBlock;
  }

  dispose(): void {
    for (const { folded } of this.#kept.values()) free(folded);
    this.#kept.clear();
  }
}

/** Frees what was computed; some of it is the model's own tensors. */
function free(folded: FoldedBlock): void {
  for (const tensor of Object.values(folded)) {
    if (tensor instanceof tf.Tensor && !(tensor instanceof tf.Variable)) tensor.dispose();
  }
}
