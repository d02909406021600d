import { type Body, percent, rounded } from "./figure.ts";
import { gallery, layoutFor, pixelAxes, place } from "./gallery.ts";
import { dataUrl, type Picture } from "./picture.ts";

/** Outlines of patches: a colour that the scale does not have, and that shows on light and on dark. */
const MARK = "#00C8FF";

/** What is drawn over a picture: a number a patch. */
export interface HeatMap {
  readonly name: string;
  /** Row by row. */
  readonly weights: ArrayLike<number>;
}

/**
 * The picture as it is, then once for each map with the map over it. Each map has a scale of its
 * own, from its smallest to its largest value, which stand above it beside what even attention would
 * be.
 *
 * @param grid Patches down and across.
 * @param options.widest Width that a tile has at most, units of the figure.
 * @param options.marked Patches that are outlined in every map.
 */
export function heatMaps(
  image: Picture,
  grid: readonly [down: number, across: number],
  maps: readonly HeatMap[],
  options: {
    readonly columns: number;
    readonly widest: number;
    readonly marked?: readonly number[];
  },
): Body {
  const [down, across] = grid;
  const wanted = layoutFor(maps.length + 1, {
    ...options,
    aspect: image.height / image.width,
    lines: 3,
    total: 800,
  });
  // Whole units for each patch: fractions would leave fine lines between the squares.
  const cell = Math.max(2, Math.floor(wanted.width / across));
  const cellHeight = Math.max(2, Math.round(cell * wanted.height / wanted.width * across / down));
  const layout = { ...wanted, width: cell * across, height: cellHeight * down };
  const url = dataUrl(image, 2 * layout.width);
  const ranges = maps.map(({ weights }) => range(weights));
  const tiles = [
    { url, caption: ["image", "", ""] },
    ...maps.map(({ name }, i) => {
      return { url, caption: inWords(name, ranges[i], down * across) };
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
  const outlines = maps.flatMap((_, i) => {
    const at = place(i + 1, layout);
    return (options.marked ?? []).map((patch) => ({
      x: at.x + patch % across * cell,
      y: at.y + Math.floor(patch / across) * cellHeight,
    }));
  });
  const corners = [
    { calculate: `datum.x + ${cell}`, as: "x2" },
    { calculate: `datum.y + ${cellHeight}`, as: "y2" },
  ];
  const square = { x, y, x2: { field: "x2" }, y2: { field: "y2" } };
  const marks = outlines.length === 0 ? [] : [{
    data: { values: outlines },
    transform: corners,
    mark: { type: "rect", fill: null, stroke: MARK, strokeWidth: 2 },
    encoding: square,
  }];
  return gallery(tiles, layout, [{
    data: { values },
    transform: corners,
    mark: { type: "rect", opacity: 0.6 },
    encoding: {
      ...square,
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
  }, ...marks]);
}

/**
 * The smallest and the largest value, and what they are to be compared with: the share of a patch
 * where attention is even. Colours run over every map's own range, and make much of little.
 */
function inWords(
  name: string,
  [low, high]: readonly [number, number],
  patches: number,
): string[] {
  const even = 1 / patches;
  if (high === 0) return [name, "nothing", ""];
  return [
    name,
    `${(100 * low).toFixed(1)} to ${percent(high)}`,
    high < 2 * even ? "nearly even" : `even would be ${percent(even)}`,
  ];
}

/** The patch of the largest weight, in words: "row 3, column 5". */
export function strongest(weights: ArrayLike<number>, across: number): string {
  let at = 0;
  for (let i = 1; i < weights.length; i++) if (weights[i] > weights[at]) at = i;
  return `row ${Math.floor(at / across) + 1}, column ${at % across + 1}`;
}

function range(weights: ArrayLike<number>): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < weights.length; i++) {
    low = Math.min(low, weights[i]);
    high = Math.max(high, weights[i]);
  }
  return [low, high];
}
