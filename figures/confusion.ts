import { count, type Figure, figure, percent, rounded, shorten } from "./figure.ts";
import { seriate } from "./seriation.ts";
import { HEAT, LOWEST } from "./theme.ts";

/** Up to so many classes, each cell has its numbers. */
export const MOST_WRITTEN = 12;
/** Up to so many, the axes have names. */
const MOST_NAMES = 40;
/** So many cells at most; a figure of more is heavy to open. */
const MOST_CELLS = 8000;

/**
 * Confusion matrix: rows are true classes, columns are predicted ones; the colour is the share of
 * the row. Classes that are often confused stand beside each other ({@linkcode seriate}), so that
 * groups of them show as blocks. Cells of zero are not drawn; of more than 8,000 others only the
 * largest are.
 *
 * @param matrix `[class][class]`, images.
 */
export function confusionMatrix(
  classes: readonly string[],
  matrix: readonly (readonly number[])[],
): Figure {
  const n = classes.length;
  const [named, written] = [n <= MOST_NAMES, n <= MOST_WRITTEN];
  const places = seriate(matrix);
  const moved = places.some((index, place) => index !== place);
  const totals = matrix.map((row) => row.reduce((a, b) => a + b, 0));
  let values = matrix.flatMap((row, actual) =>
    row.flatMap((images, predicted) => {
      if (images === 0 && !written) return [];
      const share = images / Math.max(1, totals[actual]);
      return [{
        actual: named ? classes[actual] : actual,
        predicted: named ? classes[predicted] : predicted,
        images,
        share: rounded(share, 3),
        ...(written && { percent: images === 0 ? "" : `${(100 * share).toFixed(1)}%` }),
      }];
    })
  );
  const cells = values.length;
  values = values.toSorted((a, b) => b.images - a.images).slice(0, MOST_CELLS);
  const step = written
    ? Math.max(50, Math.min(100, Math.floor(640 / n)))
    : Math.max(2, Math.floor(620 / n));
  const height = written ? Math.floor(0.8 * step) : step;
  const correct = matrix.reduce((sum, row, i) => sum + row[i], 0);
  const images = totals.reduce((a, b) => a + b, 0);
  const axis = named
    ? { labelLimit: 130, grid: false }
    : { labels: false, ticks: false, grid: false, domain: true };
  const side = (field: string, title: string, extra: object) => ({
    field,
    type: "ordinal",
    sort: null,
    title,
    axis: { ...axis, ...extra },
    scale: { domain: places.map((i) => named ? classes[i] : i), padding: 0 },
  });
  const order = named ? "" : ` (${n}${moved ? "" : ", in order of their index"})`;
  return figure({
    name: "confusion-matrix",
    title: "Confusion matrix",
    subtitle: [
      `${count(images)} test images, ${count(correct)} on the diagonal (${
        percent(correct / Math.max(1, images))
      })`,
      ...(written ? ["In each cell: images, and their share of the true class"] : []),
      ...(moved ? ["Classes that are often confused stand beside each other"] : []),
      ...(cells > MOST_CELLS ? [`The ${count(MOST_CELLS)} largest of ${count(cells)} cells`] : []),
    ],
    description: `Heat map of ${n} true by ${n} predicted classes over ${count(images)} test ` +
      `images. ${count(correct)} are on the diagonal. ${mostConfused(classes, matrix)}`,
  }, {
    width: { step },
    height: { step: height },
    // Where no cell is drawn the share is zero.
    view: { fill: LOWEST },
    data: { values },
    encoding: {
      y: side("actual", `true class${order}`, {}),
      x: side(
        "predicted",
        `predicted class${order}`,
        named ? { labelAngle: step < 30 ? -90 : -40 } : {},
      ),
    },
    layer: [
      {
        mark: { type: "rect" },
        encoding: {
          color: {
            field: "share",
            type: "quantitative",
            title: "share of the true class",
            // The root spreads the small shares, which are what one looks for.
            scale: { type: "sqrt", domain: [0, 1], scheme: HEAT },
            legend: {
              format: ".0%",
              values: n * height < 200 ? [0, 0.25, 1] : [0, 0.05, 0.1, 0.25, 0.5, 1],
              titleLimit: 200,
              gradientLength: Math.min(220, n * height - 24),
            },
          },
        },
      },
      ...(written ? [number("images", -7, 13), number("percent", 9, 10.5)] : []),
    ],
  });
}

/** Text that is light on the dark cells and dark on the light ones. */
function number(field: string, dy: number, fontSize: number): object {
  return {
    mark: { type: "text", dy, fontSize },
    encoding: {
      text: { field, type: "nominal" },
      color: {
        condition: { test: "datum.share > 0.25", value: "#111111" },
        value: "#ffffff",
      },
    },
  };
}

function mostConfused(classes: readonly string[], matrix: readonly (readonly number[])[]): string {
  let [most, from, to] = [0, 0, 0];
  matrix.forEach((row, i) =>
    row.forEach((images, j) => {
      if (i !== j && images > most) [most, from, to] = [images, i, j];
    })
  );
  return most === 0
    ? "There is no mistake."
    : `Most often confused: ${shorten(classes[from], 40)} taken for ${shorten(classes[to], 40)} (${
      count(most)
    }).`;
}
