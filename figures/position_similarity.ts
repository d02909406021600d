import { type Figure, figure, rounded } from "./figure.ts";
import { HEAT } from "./theme.ts";

/** A figure of more squares is heavy to open and no clearer. */
const MOST_CELLS = 5000;
/** Width and height of all maps together, pixels at most. */
const SIDE = 600;
/** Three labels of the legend stand one above the other from this length on, pixels. */
const LEAST_LEGEND = 60;

/**
 * Cosine similarity between the position embeddings of patches: a small map for each patch, with
 * its similarity to all others (Dosovitskiy et al. 2021, figure 7, centre). Where the maps together
 * would have more than 5,000 squares, patches at even distances stand for the rest.
 *
 * @param similarity `[P, P]`, P = rows x columns, row by row.
 * @param grid Patches down and across.
 */
export function positionSimilarity(
  similarity: ArrayLike<number>,
  grid: readonly [number, number],
): Figure {
  const [down, across] = grid;
  const patches = down * across;
  const most = Math.max(3, Math.floor(Math.sqrt(MOST_CELLS / patches)));
  const [rows, columns] = [evenly(down, most), evenly(across, most)];
  const fitting = SIDE / Math.max(rows.length * (down + 1), columns.length * (across + 1));
  const cell = fitting < 1 ? fitting : Math.floor(fitting);
  const gap = cell;
  const values: object[] = [];
  let smallest = Infinity;
  rows.forEach((row, r) =>
    columns.forEach((column, c) => {
      for (let other = 0; other < patches; other++) {
        const cosine = similarity[(row * across + column) * patches + other];
        smallest = Math.min(smallest, cosine);
        values.push({
          x: c * (across * cell + gap) + (other % across) * cell,
          y: r * (down * cell + gap) + Math.floor(other / across) * cell,
          similarity: rounded(cosine, 3),
        });
      }
    })
  );
  const width = columns.length * (across * cell + gap) - gap;
  const height = rows.length * (down * cell + gap) - gap;
  const low = rounded(smallest, 2);
  const some = rows.length < down || columns.length < across;
  const bare = { labels: false, ticks: false, grid: false, domain: false };
  return figure({
    name: "position-similarity",
    title: "Similarity of position embeddings",
    subtitle: [
      `${down} × ${across} patches. Each map belongs to the patch at its place in the picture`,
      "and shows the cosine with the embeddings of all patches" +
      (some ? ` (${rows.length} × ${columns.length} of them at even distances)` : ""),
    ],
    description: `A grid of ${rows.length} × ${columns.length} heat maps. Each shows how similar ` +
      `the position embedding of one patch is to those of all ${patches} patches; cosine from ${
        smallest.toFixed(2)
      } to 1.`,
  }, {
    width,
    height,
    data: { values },
    transform: [
      { calculate: `datum.x + ${cell}`, as: "x2" },
      { calculate: `datum.y + ${cell}`, as: "y2" },
    ],
    mark: { type: "rect" },
    encoding: {
      x: {
        field: "x",
        type: "quantitative",
        title: `column of the patch (1 to ${across})`,
        axis: bare,
        scale: { domain: [0, width], nice: false },
      },
      y: {
        field: "y",
        type: "quantitative",
        title: `row of the patch (1 to ${down})`,
        axis: bare,
        scale: { domain: [0, height], nice: false, reverse: true },
      },
      x2: { field: "x2" },
      y2: { field: "y2" },
      color: {
        field: "similarity",
        type: "quantitative",
        title: "cosine",
        scale: { scheme: HEAT, domainMax: 1, domainMin: low },
        legend: {
          format: ".2f",
          values: low < 1 ? [low, (low + 1) / 2, 1] : [1],
          gradientLength: Math.max(LEAST_LEGEND, Math.min(240, height)),
        },
      },
    },
  });
}

/** At most `most` of the indices below `n`, first and last among them. */
function evenly(n: number, most: number): number[] {
  if (n <= most) return Array.from({ length: n }, (_, i) => i);
  return Array.from({ length: most }, (_, i) => Math.round(i * (n - 1) / (most - 1)));
}
