import { type Body, counted, type Figure, figure, rounded } from "./figure.ts";
import { COLOURS } from "./theme.ts";

/** A measure of attention, the mean over images. */
export interface Measure {
  readonly kind: "distance" | "entropy";
  /** `[block][head]`, blocks from below. */
  readonly values: readonly (readonly number[])[];
  /** The same of the model before fine-tuning. */
  readonly before?: readonly (readonly number[])[];
  /** What it is where each token attends to all alike. */
  readonly even: number;
  /** Images that it is the mean of. */
  readonly images: number;
}

const TEXTS = {
  distance: {
    title: "Attention distance by block and head",
    axis: "mean distance (pixels)",
    unit: "pixels",
    what: "How far apart a patch and what it attends to are, weighted by attention",
  },
  entropy: {
    title: "Attention entropy by block and head",
    axis: "mean entropy (nats)",
    unit: "nats",
    what: "High: attention is spread over many tokens; low: it is on few",
  },
};

/** The series of the heads before fine-tuning. */
const RINGS = "one head before";

/**
 * A point for each head and the mean of each block (Dosovitskiy et al. 2021, figure 7, right). What was
 * before fine-tuning is a ring for each head, behind the point: where nothing has changed they lie in
 * one another. A dashed line is what attending to all alike would give.
 */
export function attentionByBlock({ kind, values, before, even, images }: Measure): Figure {
  const { title, axis, unit, what } = TEXTS[kind];
  const means = meansOf(values);
  const points = (heads: readonly (readonly number[])[], series: string) =>
    heads.flatMap((own, block) => own.map((value) => ({ block, value: rounded(value), series })));
  const line = (heads: readonly (readonly number[])[], series: string) =>
    meansOf(heads).map((value, block) => ({ block, value: rounded(value), series }));
  const series = [
    "one head",
    "mean of the heads",
    ...(before ? [RINGS, "mean before fine-tuning"] : []),
  ];
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
      scale: {
        domain: series,
        range: [COLOURS.sky, COLOURS.vermilion, COLOURS.ink, COLOURS.grey].slice(0, series.length),
      },
      legend: { orient: "top", values: series.filter((name) => name !== RINGS) },
    },
  };
  return figure({
    name: `attention-${kind}`,
    title,
    subtitle: [
      what,
      `Mean over ${counted(images, "test image")}; “even”: attending to all alike`,
      ...(before
        ? ["Rings: each head before fine-tuning; a point that lies in its ring has not changed"]
        : []),
    ],
    description: `${title}: ${values.length} blocks of ${values[0].length} heads. Mean of the ` +
      `lowest block ${means[0].toPrecision(3)}, of the highest ${
        means[means.length - 1].toPrecision(3)
      } ${unit}.${
        before
          ? ` Before fine-tuning: ${meansOf(before)[0].toPrecision(3)} and ${
            meansOf(before)[before.length - 1].toPrecision(3)
          }.`
          : ""
      } Attending to all alike would give ${even.toPrecision(3)}.`,
  }, {
    width: { step: Math.max(28, Math.min(200, Math.floor(600 / values.length))) },
    height: 300,
    layer: [
      ...evenLine(even),
      ...(before
        ? [{
          data: { values: line(before, series[3]) },
          mark: { type: "line", strokeWidth: 2, strokeDash: [5, 4] },
          encoding,
        }, {
          data: { values: points(before, RINGS) },
          mark: { type: "point", size: 130, filled: false, strokeWidth: 1.25 },
          encoding,
        }]
        : []),
      {
        data: { values: points(values, series[0]) },
        mark: { type: "point", size: 80, stroke: "#ffffff", strokeWidth: 1 },
        encoding,
      },
      {
        data: { values: line(values, series[1]) },
        mark: { type: "line", strokeWidth: 2, point: { size: 36 } },
        encoding,
      },
    ],
  });
}

/** A level with its name beside the plot, where no point is. */
function evenLine(even: number): Body[] {
  const y = { field: "even", type: "quantitative" };
  const text = ["even would", `be ${even.toPrecision(3)}`];
  return [{
    data: { values: [{ even: rounded(even) }] },
    mark: { type: "rule", color: COLOURS.ink, strokeDash: [6, 4], strokeWidth: 1.5 },
    encoding: { y },
  }, {
    data: { values: [{ even: rounded(even) }] },
    mark: { type: "text", align: "left", dx: 8, baseline: "middle", text },
    encoding: { x: { value: "width" }, y },
  }];
}

function meansOf(values: readonly (readonly number[])[]): number[] {
  return values.map((heads) => heads.reduce((a, b) => a + b, 0) / heads.length);
}
