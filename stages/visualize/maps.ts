import { tf } from "../../engine/tf.ts";
import { relevance, relevanceSteps } from "../../vit/attention_relevance.ts";
import { rolloutRow } from "../../vit/attention_rollout.ts";
import { prefixTokens, tokensOf } from "../../vit/config.ts";
import type { VisionTransformer } from "../../vit/model.ts";

/** What each way of looking at attention says of one image, a number a patch. */
export interface Maps {
  /** The class token's attention in the last block, mean over heads. */
  readonly "last-block": Float32Array;
  /** The class token's row of the rollout. */
  readonly rollout: Float32Array;
  /** Gradient-weighted rollout for the class that was asked for. */
  readonly relevance: Float32Array;
}

/** What {@linkcode mapsOf} makes of one image. */
export interface Mapped {
  readonly logits: Float32Array;
  readonly maps: Maps;
}

/** The maps that there are. */
export const MAPS = ["last-block", "rollout", "relevance"] as const;

/**
 * Makes all maps of some images.
 *
 * @param pixels `[n, height, width, 3]`, normalised; n at most `relevanceAtOnce`.
 * @param discard Share of the patches that the rollout leaves out.
 * @param classes The class of each image that relevance is for; missing: the one that is predicted.
 * @returns Of each image, with its logits.
 */
export async function mapsOf(
  model: VisionTransformer,
  pixels: Float32Array,
  n: number,
  discard: number,
  classes?: ArrayLike<number>,
): Promise<Mapped[]> {
  const { config } = model;
  const [height, width] = config.imageSize;
  const tokens = tokensOf(config);
  const prefix = prefixTokens(config);
  const input = tf.tensor4d(pixels, [n, height, width, 3]);
  const { logits, relevant, weights } = await relevanceSteps(model, input, classes);
  input.dispose();
  const size = tokens * tokens;
  return rowsOf(logits, n).map((own, i) => {
    const ofImage = (blocks: readonly Float32Array[]) =>
      blocks.map((block) => block.subarray(i * size, (i + 1) * size));
    const means = ofImage(weights);
    return {
      logits: own,
      maps: {
        "last-block": means[means.length - 1].slice(prefix, tokens),
        // The mean over heads is that of one head.
        rollout: Float32Array.from(
          rolloutRow(means, 1, tokens, { discard: { share: discard, prefix } }).subarray(prefix),
        ),
        relevance: relevance(ofImage(relevant), config),
      },
    };
  });
}

/** Cuts an array into n of the same length. */
export function rowsOf(data: Float32Array, n: number): Float32Array[] {
  const length = data.length / n;
  return Array.from({ length: n }, (_, i) => data.subarray(i * length, (i + 1) * length));
}
