import { type Figure, figure, percent, rounded } from "./figure.ts";
import { gallery, layoutFor, pixelAxes, place } from "./gallery.ts";
import { dataUrl, type Picture } from "./picture.ts";

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
  const wanted = layoutFor(maps.length + 1, {
    columns: 5,
    aspect: map.image.height / map.image.width,
    lines: 1,
    total: 800,
    widest: 208,
  });
  // Whole units for each patch: fractions would leave fine lines between the squares.
  const cell = Math.max(2, Math.floor(wanted.width / across));
  const cellHeight = Math.max(2, Math.round(cell * wanted.height / wanted.width * across / down));
  const layout = { ...wanted, width: cell * across, height: cellHeight * down };
  const url = dataUrl(map.image, 2 * layout.width);
  const ranges = maps.map(({ weights }) => range(weights));
  const tiles = [
    { url, caption: ["image"] },
    ...maps.map(({ name }, i) => {
      const [low, high] = ranges[i];
      return { url, caption: [`${name}, ${(100 * low).toFixed(1)} to ${percent(high)}`] };
    }),
  ];
  const { x, y } = pixelAxes(layout, tiles.length);
  const values = maps.flatMap(({ weights }, i) => {
    const at = place(i + 1, layout);
    const [low, high] = ranges[i];
    return Array.from(weights, (weight, patch) => ({
      x: at.x + patch % across * cell,
      y: at.y + Math.floor(patch / across) * cellHeight,
      weight: rounded(high > low ? (weight - low) / (high - low) : 0, 3),
    }));
  });
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
        `grid of ${down} × ${across} patches. The rollout is highest in ${region(map)}.`,
    },
    gallery(tiles, layout, [{
      data: { values },
      transform: [
        { calculate: `datum.x + ${cell}`, as: "x2" },
        { calculate: `datum.y + ${cellHeight}`, as: "y2" },
      ],
      mark: { type: "rect", opacity: 0.6 },
      encoding: {
        x,
        y,
        x2: { field: "x2" },
        y2: { field: "y2" },
        color: {
          field: "weight",
          type: "quantitative",
          title: "attention, scale of each map",
          scale: { domain: [0, 1], scheme: "inferno" },
          legend: {
            values: [0, 1],
            labelExpr: "datum.value === 0 ? 'least' : 'most'",
            orient: "bottom",
            gradientLength: 240,
          },
        },
      },
    }]),
  );
}

function range(weights: ArrayLike<number>): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < weights.length; i++) {
    low = Math.min(low, weights[i]);
    high = Math.max(high, weights[i]);
  }
  return [low, high];
}

/** The patch of the largest rollout, in words: "row 3, column 5". */
function region({ rollout, grid }: AttentionMap): string {
  let at = 0;
  for (let i = 1; i < rollout.length; i++) if (rollout[i] > rollout[at]) at = i;
  return `row ${Math.floor(at / grid[1]) + 1}, column ${at % grid[1] + 1}`;
}
