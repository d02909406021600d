import { tf } from "../../engine/tf.ts";
import { takeValues, valuesOf } from "../../engine/values.ts";
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
  /** Norm of each patch's token after each block, by block `[patches]`. */
  readonly norms: Float32Array[];
  /** Every block's weights, `[blocks, heads, tokens, tokens]`, where they were asked for. */
  readonly raw: Float16Array<ArrayBuffer> | undefined;
}

/** What attention does with an image that is drawn. */
export type DrawnObservation = Observation & { readonly rollout: Float32Array };

/** What is kept of an image beyond what every image has. */
export interface Wanted {
  readonly rollout: boolean;
  readonly raw: boolean;
  /** Share of the patches that the rollout leaves out. */
  readonly discard: number;
}

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
 * @param wanted Of each of them.
 */
export async function observe(
  model: VisionTransformer,
  pixels: Float32Array,
  n: number,
  wanted: (image: number) => Wanted,
): Promise<Observation[]> {
  const { config } = model;
  const { heads, patchSize } = config;
  const tokens = tokensOf(config);
  const prefix = prefixTokens(config);
  const { logits, attention, norms } = await forward(model, pixels, n);
  const classes = logits.length / n;
  const size = heads * tokens * tokens;
  return Array.from({ length: n }, (_, i) => {
    const own = attention.map((block) => block.subarray(i * size, (i + 1) * size));
    const { rollout, raw, discard: share } = wanted(i);
    return {
      probabilities: softmax(logits.subarray(i * classes, (i + 1) * classes)),
      lastBlock: classTokenRows(own[own.length - 1], heads, tokens, prefix),
      rollout: rollout
        ? Float32Array.from(
          rolloutRow(own, heads, tokens, { discard: { share, prefix } }).subarray(prefix),
        )
        : undefined,
      distance: own.map((a) => attentionDistance(a, heads, gridOf(config), patchSize, prefix)),
      entropy: own.map((a) => attentionEntropy(a, heads, tokens)),
      norms: norms.map((block) => block.slice(i * tokens + prefix, (i + 1) * tokens)),
      raw: raw ? joined(own) : undefined,
    };
  });
}

/** Logits, and by block the attention `[n, heads, tokens, tokens]` and the norms `[n, tokens]`. */
async function forward(model: VisionTransformer, pixels: Float32Array, n: number) {
  const { imageSize: [height, width], blocks } = model.config;
  const attention: Float32Array[] = [];
  const norms: Float32Array[] = [];
  let x = tf.tidy(() => model.embed(tf.tensor4d(pixels, [n, height, width, 3])));
  // Read block by block: on the engine there is never more than one block's attention.
  for (let block = 0; block < blocks; block++) {
    const below = x;
    const seen: tf.Tensor[] = [];
    x = model.blocks(below, block, block + 1, (_, weights) => {
      seen.push(tf.keep(weights.clone()));
    });
    below.dispose();
    attention.push(await takeValues(seen[0]));
    norms.push(await valuesOf(() => x.norm("euclidean", -1)));
  }
  const logits = await valuesOf(() => model.head(x));
  x.dispose();
  return { logits, attention, norms };
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

function joined(blocks: readonly Float32Array[]): Float16Array<ArrayBuffer> {
  const all = new Float16Array(blocks.length * blocks[0].length);
  blocks.forEach((block, i) => all.set(block, i * block.length));
  return all;
}

/** Logits of one image made into shares that add up to 1. */
export function softmax(logits: Float32Array): Float32Array {
  let largest = -Infinity;
  for (const logit of logits) largest = Math.max(largest, logit);
  const exponentials = logits.map((x) => Math.exp(x - largest));
  const sum = exponentials.reduce((a, b) => a + b, 0);
  return exponentials.map((x) => x / sum);
}
