import { type Figure, figure, percent } from "./figure.ts";
import { heatMaps, strongest } from "./heat_maps.ts";
import type { Picture } from "./picture.ts";

/** What the class token looks at in one image. */
export interface AttentionMap {
  readonly image: Picture;
  readonly label: string;
  readonly predicted: string;
  /** Of the predicted class. */
  readonly probability: number;
  /** Patches down and across. */
  readonly grid: readonly [number, number];
  /** By head, attention of the class token to each patch in the last block, row by row. */
  readonly heads: readonly ArrayLike<number>[];
  /** The class token's row of the rollout, by patch. */
  readonly rollout: ArrayLike<number>;
}

/**
 * The image, then over it the rollout (Abnar and Zuidema 2020) and the last block's attention of
 * the class token by head. Each map has a scale of its own, from its smallest to its
 * largest value, which stand above it: heads differ too much in how sharp they are for one scale.
 *
 * @param number Counted from 1, for the name.
 */
export function attentionOver(map: AttentionMap, number: number): Figure {
  const [down, across] = map.grid;
  const maps = [
    { name: "rollout", weights: map.rollout },
    ...map.heads.map((weights, head) => ({ name: `head ${head}`, weights })),
  ];
  const verdict = `Predicted: ${map.predicted} (${percent(map.probability)}), which is ${
    map.label === map.predicted ? "right" : "wrong"
  }`;
  return figure(
    {
      name: `attention-${number}`,
      title: `Where the model looks: ${map.label}`,
      subtitle: [
        verdict,
        "Attention of the class token to the patches: last block by head, and rollout over all blocks",
      ],
      description: `A test image of class ${map.label}. ${verdict}. Over it, heat maps of the ` +
        `class token's attention: rollout and ${map.heads.length} heads of the last block, on a ` +
        `grid of ${down} × ${across} patches. The rollout is highest in ${
          strongest(map.rollout, across)
        }.`,
    },
    heatMaps(map.image, map.grid, maps, { columns: 5, widest: 208 }),
  );
}
