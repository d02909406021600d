import { count, type Figure, figure, percent, shorten } from "./figure.ts";
import { COLOURS } from "./theme.ts";

const MOST_PAIRS = 20;

/**
 * The 20 most frequent confusions, for matrices that are too large to have their numbers written
 * in. Ties stand in the order of the classes.
 *
 * @param matrix `[true class][predicted class]`, images.
 */
export function confusedPairs(
  classes: readonly string[],
  matrix: readonly (readonly number[])[],
): Figure | undefined {
  const pairs = matrix.flatMap((row, actual) => {
    const total = row.reduce((a, b) => a + b, 0);
    return row.flatMap((images, predicted) =>
      images === 0 || actual === predicted ? [] : [{
        pair: `${shorten(classes[actual], 22)} → ${shorten(classes[predicted], 22)}`,
        images,
        label: `${count(images)} of ${count(total)} (${percent(images / total)})`,
      }]
    );
  }).toSorted((a, b) => b.images - a.images);
  if (pairs.length === 0) return undefined;
  // The rank keeps labels apart that are alike once they are short.
  const shown = pairs.slice(0, MOST_PAIRS).map((row, i) => ({
    ...row,
    pair: `${i + 1}. ${row.pair}`,
  }));
  return figure({
    name: "confused-pairs",
    title: "Most frequent confusions",
    subtitle: "True class → predicted class; images, of all of the true class",
    description: `Bars of the ${shown.length} most frequent of ${
      count(pairs.length)
    } kinds of confusion; first: ${pairs[0].pair}, ${shown[0].label}.`,
  }, {
    width: 360,
    height: { step: 24 },
    data: { values: shown },
    encoding: {
      y: { field: "pair", type: "nominal", sort: null, title: null, axis: { labelLimit: 360 } },
      x: {
        field: "images",
        type: "quantitative",
        title: "images",
        axis: { format: ",d", tickMinStep: 1, tickCount: 4, grid: false },
        scale: { domainMax: shown[0].images * 1.6, nice: false },
      },
    },
    layer: [
      { mark: { type: "bar", color: COLOURS.vermilion } },
      {
        mark: { type: "text", align: "left", dx: 6 },
        encoding: { text: { field: "label", type: "nominal" } },
      },
    ],
  });
}
