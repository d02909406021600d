import { type Figure, figure, percent } from "./figure.ts";
import { heatMaps, strongest } from "./heat_maps.ts";
import type { Picture } from "./picture.ts";

/** What the model looks at in one image. All maps have a number for each patch, row by row. */
export interface AttentionMap {
  readonly image: Picture;
  readonly label: string;
  readonly predicted: string;
  /** Of the predicted class. */
  readonly probability: number;
  /** Patches down and across. */
  readonly grid: readonly [number, number];
  /** By head, attention of the class token to each patch in the last block. */
  readonly heads: readonly ArrayLike<number>[];
  /** The class token's row of the rollout. */
  readonly rollout: ArrayLike<number>;
  /** Gradient-weighted rollout for the predicted class; none negative. */
  readonly relevance: ArrayLike<number>;
  /** The same for the second most probable class. */
  readonly other?: {
    readonly name: string;
    readonly probability: number;
    readonly relevance: ArrayLike<number>;
  };
  /** Patches whose token has a high norm. */
  readonly highNorm?: readonly number[];
}

/**
 * The image, then over it what the maps say: relevance for the predicted class and for another (Chefer
 * et al. 2021), rollout (Abnar and Zuidema 2020), and the last block's attention of the class token,
 * mean and by head. Each map has a scale of its own, from its smallest to its largest value, which stand
 * above it: they differ too much in how sharp they are for one scale.
 *
 * @param number Counted from 1, for the name.
 */
export function attentionOver(map: AttentionMap, number: number): Figure {
  const [down, across] = map.grid;
  const { other, highNorm = [] } = map;
  const relevant = shares(map.relevance);
  const maps = [
    { name: `for ${map.predicted}`, weights: relevant },
    ...(other ? [{ name: `for ${other.name}`, weights: shares(other.relevance) }] : []),
    { name: "rollout", weights: map.rollout },
    { name: "last block", weights: meanOf(map.heads) },
    ...map.heads.map((weights, head) => ({ name: `head ${head}`, weights })),
  ];
  const verdict = `Predicted: ${map.predicted} (${percent(map.probability)}), which is ${
    map.label === map.predicted ? "right" : "wrong"
  }`;
  const second = other ? `; next: ${other.name} (${percent(other.probability)})` : "";
  return figure(
    {
      name: `attention-${number}`,
      title: `Where the model looks: ${map.label}`,
      subtitle: [
        verdict + second,
        "“for …”: what speaks for that class, gradient-weighted rollout over all blocks",
        "rollout: attention through all blocks; last block: mean of its heads, then each head",
        ...(highNorm.length > 0 ? ["Outlined: patches whose token has a high norm"] : []),
      ],
      description:
        `A test image of class ${map.label}. ${verdict}${second}. Over it, heat maps on ` +
        `a grid of ${down} × ${across} patches. What speaks for ${map.predicted} is strongest in ${
          strongest(relevant, across)
        }${
          other ? `, for ${other.name} in ${strongest(other.relevance, across)}` : ""
        }; the rollout in ${strongest(map.rollout, across)}; the mean of the ${map.heads.length} ` +
        `heads of the last block in ${strongest(meanOf(map.heads), across)}.${
          highNorm.length > 0 ? ` ${highNorm.length} patches have tokens of high norm.` : ""
        }`,
    },
    heatMaps(map.image, map.grid, maps, { columns: 5, widest: 208, marked: highNorm }),
  );
}

/** Made to add up to 1, where there is anything. */
function shares(relevance: ArrayLike<number>): number[] {
  const values = Array.from(relevance);
  const sum = values.reduce((a, b) => a + b, 0);
  return sum > 0 ? values.map((value) => value / sum) : values;
}

function meanOf(maps: readonly ArrayLike<number>[]): number[] {
  return Array.from(
    maps[0],
    (_, patch) => maps.reduce((sum, map) => sum + map[patch], 0) / maps.length,
  );
}
