import { count, type Figure, figure, rounded } from "./figure.ts";
import { COLOURS } from "./theme.ts";

/** A measure of attention, the mean over images. */
export interface Measure {
  readonly kind: "distance" | "entropy";
  /** `[block][head]`, blocks from below. */
  readonly values: readonly (readonly number[])[];
  /** Images that it is the mean of. */
  readonly images: number;
}

const TEXTS = {
  distance: {
    title: "Attention distance by block and head",
    axis: "mean distance (pixels)",
    what: "How far apart a patch and what it attends to are, weighted by attention",
  },
  entropy: {
    title: "Attention entropy by block and head",
    axis: "mean entropy (nats)",
    what: "High: attention is spread over many tokens; low: it is on few",
  },
};

/** A point for each head and the mean of each block (Dosovitskiy et al. 2021, figure 7, right). */
export function attentionByBlock({ kind, values, images }: Measure): Figure {
  const { title, axis, what } = TEXTS[kind];
  const means = values.map((heads) => heads.reduce((a, b) => a + b, 0) / heads.length);
  const rows = values.flatMap((heads, block) =>
    heads.map((value) => ({ block, value: rounded(value), series: "one head" }))
  );
  const lines = means.map((value, block) => ({
    block,
    value: rounded(value),
    series: "mean of the heads",
  }));
  const series = ["one head", "mean of the heads"];
  const encoding = {
    x: {
      field: "block",
      type: "ordinal",
      title: "block, from below",
      axis: { labelAngle: 0, labelOverlap: true },
    },
    y: {
      field: "value",
      type: "quantitative",
      title: axis,
      scale: { zero: true },
    },
    color: {
      field: "series",
      type: "nominal",
      title: null,
      scale: { domain: series, range: [COLOURS.sky, COLOURS.vermilion] },
      legend: { orient: "top" },
    },
  };
  return figure({
    name: `attention-${kind}`,
    title,
    subtitle: [what, `Mean over ${count(images)} test ${images === 1 ? "image" : "images"}`],
    description: `${title}: ${values.length} blocks of ${values[0].length} heads. Mean of the ` +
      `lowest block ${means[0].toPrecision(3)}, of the highest ${
        means[means.length - 1].toPrecision(3)
      } ${kind === "distance" ? "pixels" : "nats"}.`,
  }, {
    width: { step: Math.max(28, Math.min(200, Math.floor(600 / values.length))) },
    height: 300,
    layer: [
      {
        data: { values: rows },
        mark: { type: "point", size: 80, stroke: "#ffffff", strokeWidth: 1 },
        encoding,
      },
      {
        data: { values: lines },
        mark: { type: "line", strokeWidth: 2, point: { size: 36 } },
        encoding,
      },
    ],
  });
}
