import { count, type Figure, figure, rounded, shorten } from "./figure.ts";
import { COLOURS } from "./theme.ts";

/** Two classes that were taken for each other. */
export interface PairRow {
  /** Names; the first is the class of which more images were taken for the other. */
  readonly classes: readonly [string, string];
  /** Images of the first taken for the second, and of the second taken for the first. */
  readonly images: readonly [number, number];
  /** How many there would be, both together, by chance. */
  readonly expected: number;
  /** Whether there are more than chance explains. */
  readonly beyond: boolean;
}

const MOST_PAIRS = 20;
const KINDS = ["more than chance explains", "no more than chance explains"] as const;

/**
 * Pairs of classes by how often they are taken for each other, both ways together, each with how
 * often that would happen by chance. At most 20 are drawn, the first ones.
 *
 * @param pairs At least one, in the order in which they are drawn.
 */
export function confusedPairs(pairs: readonly PairRow[]): Figure {
  const shown = pairs.slice(0, MOST_PAIRS);
  const beyond = pairs.filter((pair) => pair.beyond).length;
  const values = shown.map(({ classes: [a, b], images: [there, back], expected, beyond }, i) => ({
    // The rank keeps labels apart that are alike once they are short.
    pair: `${i + 1}. ${shorten(a, 22)}, ${shorten(b, 22)}`,
    images: there + back,
    expected: rounded(expected, 3),
    kind: KINDS[beyond ? 0 : 1],
    label: `${count(there + back)} (${count(there)} and ${count(back)})`,
  }));
  const most = Math.max(...values.map(({ images, expected }) => Math.max(images, expected)));
  const present = KINDS.filter((kind) => values.some((row) => row.kind === kind));
  const first = values[0];
  return figure({
    name: "confused-pairs",
    title: "Classes that are taken for each other",
    subtitle: [
      "Test images of the first taken for the second and the other way, together (and each)",
      "Line: how many there would be by chance, given each class's mistakes",
      ...(pairs.length > MOST_PAIRS
        ? [
          `The ${MOST_PAIRS} least likely by chance, the least likely first, of ${
            count(pairs.length)
          } pairs with a mistake`,
        ]
        : ["The least likely by chance first"]),
    ],
    description: `Bars of ${shown.length} pairs of classes, the least likely by chance first: ${
      first.pair.slice(3)
    }, ${first.label} images, where ${first.expected} would be expected. ${
      beyond === 0
        ? "None is confused more often than chance explains."
        : `Confused more often than chance explains: ${count(beyond)}.`
    }`,
  }, {
    width: 360,
    height: { step: 26 },
    data: { values },
    encoding: {
      y: { field: "pair", type: "nominal", sort: null, title: null, axis: { labelLimit: 360 } },
      x: {
        field: "images",
        type: "quantitative",
        title: "images",
        axis: { format: ",d", tickMinStep: 1, tickCount: 4, grid: false },
        scale: { domain: [0, most * 1.5], nice: false },
      },
    },
    layer: [
      {
        mark: { type: "bar" },
        encoding: {
          color: {
            field: "kind",
            type: "nominal",
            title: null,
            scale: {
              domain: present,
              range: present.map((kind) => kind === KINDS[0] ? COLOURS.vermilion : COLOURS.sky),
            },
            legend: { orient: "top" },
          },
        },
      },
      {
        mark: { type: "tick", color: COLOURS.ink, thickness: 3 },
        encoding: { x: { field: "expected", type: "quantitative" } },
      },
      {
        mark: { type: "text", align: "left", dx: 8 },
        encoding: {
          x: { field: "end", type: "quantitative" },
          text: { field: "label", type: "nominal" },
        },
        transform: [{ calculate: "max(datum.images, datum.expected)", as: "end" }],
      },
    ],
  });
}
