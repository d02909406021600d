import { type Figure, figure, percent, shorten } from "./figure.ts";
import { heatMaps, strongest } from "./heat_maps.ts";
import type { Picture } from "./picture.ts";

/** What the class token looks at in one image that nobody has labelled. */
export interface AttentionOverlay {
  /** The image as the model saw it. */
  readonly image: Picture;
  /** Name of its file. */
  readonly file: string;
  readonly predicted: string;
  /** Of the predicted class. */
  readonly probability: number;
  /** Patches down and across. */
  readonly grid: readonly [down: number, across: number];
  /** Attention of the class token to each patch in the last block, mean over heads, row by row. */
  readonly lastBlock: ArrayLike<number>;
  /** The class token's row of the rollout, by patch. */
  readonly rollout: ArrayLike<number>;
}

/** The image, then over it the rollout (Abnar and Zuidema 2020) and the last block's attention. */
export function attentionOverlay(map: AttentionOverlay): Figure {
  const [down, across] = map.grid;
  const verdict = `${shorten(map.predicted, 60)} (${percent(map.probability)})`;
  return figure(
    {
      name: "attention",
      title: shorten(map.file, 60),
      subtitle: [
        `Predicted: ${verdict}`,
        "Attention of the class token to the patches: rollout, and last block (mean over heads)",
      ],
      description: `The image ${map.file}, which the model takes for ${verdict}. Over it, heat ` +
        `maps of the class token's attention: rollout and the mean over heads of the last block, ` +
        `on a grid of ${down} × ${across} patches. The rollout is highest in ` +
        `${strongest(map.rollout, across)}.`,
    },
    heatMaps(map.image, map.grid, [
      { name: "rollout", weights: map.rollout },
      { name: "last block", weights: map.lastBlock },
    ], { columns: 3, widest: 256 }),
  );
}
