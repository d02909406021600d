import { tf } from "../../engine/tf.ts";
import { attentionDistance, attentionEntropy } from "../../vit/attention.ts";
import { rolloutRow } from "../../vit/attention_rollout.ts";
import { gridOf, type ModelConfig, prefixTokens, tokensOf } from "../../vit/config.ts";
import type { VisionTransformer } from "../../vit/model.ts";

/** What attention does with one image. */
export interface Observation {
  /** Of each class, adding up to 1. */
  readonly probabilities: Float32Array;
  /** The class token's attention to the patches in the last block, `[heads, patches]`. */
  readonly lastBlock: Float32Array;
  /** The class token's row of the rollout, `[patches]`, where it was asked for. */
  readonly rollout: Float32Array | undefined;
  /** By block, each `[heads]`, pixels. */
  readonly distance: Float64Array[];
  /** By block, each `[heads]`, nats. */
  readonly entropy: Float64Array[];
}

/** What attention does with an image that is drawn. */
export type DrawnObservation = Observation & { readonly rollout: Float32Array };

/** Bytes that the attention of all blocks may take. */
const MEMORY = 256 * 2 ** 20;

/** How many images to observe at once: every block's attention is `[n, heads, tokens, tokens]`. */
export function imagesAtOnce(config: ModelConfig): number {
  const image = config.blocks * config.heads * tokensOf(config) ** 2 * 4;
  return Math.max(1, Math.min(8, Math.floor(MEMORY / image)));
}

/**
 * Runs images through the model and keeps what its attention did.
 *
 * @param pixels `[n, height, width, 3]`, normalised.
 * @param n Images, at most {@linkcode imagesAtOnce}.
 * @param withRollout For which of them.
 */
export function observe(
  model: VisionTransformer,
  pixels: Float32Array,
  n: number,
  withRollout: (image: number) => boolean,
): Observation[] {
  const { config } = model;
  const { heads, imageSize, patchSize } = config;
  const tokens = tokensOf(config);
  const prefix = prefixTokens(config);
  const byBlock: Float32Array[] = []; // each [n, heads, tokens, tokens]
  const logits = tf.tidy(() => {
    const input = tf.tensor4d(pixels, [n, imageSize[0], imageSize[1], 3]);
    return model.forward(input, (_block, attention) => {
      byBlock.push(attention.dataSync() as Float32Array);
    }).dataSync() as Float32Array;
  });
  const classes = logits.length / n;
  const size = heads * tokens * tokens;
  return Array.from({ length: n }, (_, i) => {
    const own = byBlock.map((attention) => attention.subarray(i * size, (i + 1) * size));
    return {
      probabilities: softmax(logits.subarray(i * classes, (i + 1) * classes)),
      lastBlock: classTokenRows(own[own.length - 1], heads, tokens, prefix),
      rollout: withRollout(i)
        ? Float32Array.from(rolloutRow(own, heads, tokens).subarray(prefix))
        : undefined,
      distance: own.map((a) => attentionDistance(a, heads, gridOf(config), patchSize, prefix)),
      entropy: own.map((a) => attentionEntropy(a, heads, tokens)),
    };
  });
}

/** The first row of each head, without the tokens that are no patches. */
function classTokenRows(attention: Float32Array, heads: number, tokens: number, prefix: number) {
  const patches = tokens - prefix;
  const rows = new Float32Array(heads * patches);
  for (let head = 0; head < heads; head++) {
    const at = head * tokens * tokens;
    rows.set(attention.subarray(at + prefix, at + tokens), head * patches);
  }
  return rows;
}

function softmax(logits: Float32Array): Float32Array {
  const largest = Math.max(...logits);
  const exponentials = logits.map((x) => Math.exp(x - largest));
  const sum = exponentials.reduce((a, b) => a + b, 0);
  return exponentials.map((x) => x / sum);
}
