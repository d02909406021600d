import { counted, type Figure, figure, rounded } from "./figure.ts";
import { METHOD_STYLES } from "./faithfulness.ts";

/** How like the trained model's each map is when weights are shuffled. */
export interface Sanity {
  readonly images: number;
  /** What is shuffled, cumulatively, from the head downwards. */
  readonly shuffled: readonly string[];
  readonly methods: readonly {
    readonly method: string;
    /** Rank correlation, one for each of `shuffled`. */
    readonly correlation: readonly {
      readonly mean: number;
      readonly interval: readonly [number, number];
    }[];
  }[];
}

const START = "nothing";

/** Rank correlation of the maps with the trained model's, as more and more weights are shuffled. */
export function sanityCheck({ images, shuffled, methods }: Sanity): Figure {
  const shown = Object.keys(METHOD_STYLES).flatMap((name) =>
    methods.filter(({ method }) => method === name)
  );
  const styles = shown.map(({ method }) => METHOD_STYLES[method]);
  const domain = styles.map(({ name }) => name);
  const values = shown.flatMap(({ method, correlation }) => {
    const { name } = METHOD_STYLES[method];
    return [
      { step: START, method: name, mean: 1, low: 1, high: 1 },
      ...correlation.map(({ mean, interval: [low, high] }, i) => ({
        step: shuffled[i],
        method: name,
        mean: rounded(mean),
        low: rounded(low),
        high: rounded(high),
      })),
    ];
  });
  const end = shown.map(({ method, correlation }) =>
    `${METHOD_STYLES[method].name} ${correlation[correlation.length - 1].mean.toFixed(2)}`
  ).join(", ");
  const series = { field: "method", type: "nominal", title: null };
  const color = {
    ...series,
    scale: { domain, range: styles.map(({ colour }) => colour) },
    legend: { orient: "top" },
  };
  return figure({
    name: "sanity",
    title: "Do the maps depend on what the model has learnt?",
    subtitle: [
      "Rank correlation with the trained model's map, as weights are shuffled from the head downwards",
      `Mean over ${
        counted(images, "test image")
      }, 95% interval; a map that stays near 1 does not show the weights`,
    ],
    description: `A line for each map: rank correlation with the trained model's map as head and ` +
      `blocks are shuffled one after the other, from the top. With everything shuffled: ${end}.`,
  }, {
    width: { step: Math.max(24, Math.min(70, Math.floor(640 / (shuffled.length + 1)))) },
    height: 280,
    data: { values },
    encoding: {
      x: {
        field: "step",
        type: "ordinal",
        sort: null,
        title: "shuffled, with all to the left of it",
        axis: { labelAngle: -40, labelOverlap: false },
      },
    },
    layer: [
      {
        mark: { type: "rule", strokeWidth: 1.5, opacity: 0.55 },
        encoding: {
          y: { field: "low", type: "quantitative", title: "rank correlation" },
          y2: { field: "high" },
          color,
        },
      },
      {
        mark: { type: "line", strokeWidth: 2.25, point: { size: 45 } },
        encoding: {
          y: { field: "mean", type: "quantitative", axis: { tickCount: 6 } },
          color,
        },
      },
    ],
  });
}
