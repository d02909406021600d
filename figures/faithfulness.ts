import { type Body, counted, type Figure, figure, panelTitle, rounded } from "./figure.ts";
import { COLOURS } from "./theme.ts";

/** How a method fares on deletion or on insertion. */
export interface FaithfulnessMeasure {
  /** Mean probability of the predicted class at each fraction. */
  readonly curve: readonly number[];
  readonly area: number;
  /** By how much it is better than random order; null for that itself. */
  readonly gain: { readonly mean: number; readonly interval: readonly [number, number] } | null;
}

/** One method, in the words of faithfulness.json. */
export interface FaithfulnessRow {
  readonly method: string;
  readonly deletion: FaithfulnessMeasure;
  readonly insertion: FaithfulnessMeasure;
}

/** What the figures are drawn from. */
export interface Faithfulness {
  readonly images: number;
  readonly removed: "mean" | "blur";
  readonly fractions: readonly number[];
  readonly methods: readonly FaithfulnessRow[];
}

/** Names of the methods, in the order of the legend, with what they are drawn in. */
export const METHOD_STYLES: Readonly<
  Record<string, { name: string; colour: string; dash: readonly number[] }>
> = {
  "relevance": {
    name: "gradient-weighted",
    colour: COLOURS.vermilion,
    dash: [1, 0],
  },
  "rollout": { name: "rollout", colour: COLOURS.blue, dash: [1, 0] },
  "last-block": { name: "last block", colour: COLOURS.green, dash: [1, 0] },
  "center": { name: "nearest the centre", colour: COLOURS.orange, dash: [6, 3] },
  "random": { name: "random order", colour: COLOURS.ink, dash: [2, 2] },
};

const KINDS = ["deletion", "insertion"] as const;
type Kind = typeof KINDS[number];

const PANELS: Record<Kind, { title: string; axis: string; better: string }> = {
  deletion: {
    title: "Deletion: most important first",
    axis: "patches removed",
    better: "better: falls early",
  },
  insertion: {
    title: "Insertion: most important first",
    axis: "patches added",
    better: "better: rises early",
  },
};

const REPLACED = { mean: "the image's mean colour", blur: "the image blurred" };

/** What the predicted class's probability becomes as patches go, and come, in each map's order. */
export function faithfulnessCurves(test: Faithfulness): Figure {
  const shown = inOrder(test.methods);
  const areas = (kind: Kind) =>
    shown.map((row) => `${METHOD_STYLES[row.method].name} ${row[kind].area.toFixed(3)}`).join(", ");
  return figure({
    name: "faithfulness",
    title: "Removing and adding the patches that a map points at",
    subtitle: [
      `Probability of the class predicted of the whole image: mean over ${
        counted(test.images, "test image")
      }`,
      `In a removed patch's place: ${REPLACED[test.removed]}`,
    ],
    description: `Two line charts of the predicted class's mean probability over ` +
      `${counted(test.images, "test image")}, as patches are removed, and added, in the order of ` +
      `each map. Areas under the curves, deletion: ${areas("deletion")}; insertion: ${
        areas("insertion")
      }.`,
  }, { spacing: 36, hconcat: KINDS.map((kind) => curvePanel(test, kind)) });
}

/** How much better than random order each map is, with intervals. */
export function faithfulnessGains(test: Faithfulness): Figure {
  const shown = inOrder(test.methods).filter(({ deletion }) => deletion.gain !== null);
  const said = (kind: Kind) =>
    shown.map((row) => {
      const { mean, interval } = row[kind].gain!;
      return `${METHOD_STYLES[row.method].name} ${signed(mean)} (${signed(interval[0])} to ${
        signed(interval[1])
      })`;
    }).join(", ");
  return figure({
    name: "faithfulness-gain",
    title: "How much better than a random order each map is",
    subtitle: [
      `Difference of the areas under the curves, image by image: mean over ${
        counted(test.images, "test image")
      }, 95% interval`,
      "Right of the line: better than random; an interval that touches the line: no better, as far as can be told",
    ],
    description: `Points with 95% intervals: gain over a random order. Deletion: ${
      said("deletion")
    }. Insertion: ${said("insertion")}.`,
  }, {
    spacing: 36,
    resolve: { scale: { x: "shared" } },
    hconcat: KINDS.map((kind) => gainPanel(shown, kind)),
  });
}

function inOrder(methods: readonly FaithfulnessRow[]): FaithfulnessRow[] {
  return Object.keys(METHOD_STYLES).flatMap((name) =>
    methods.filter(({ method }) => method === name)
  );
}

function curvePanel({ fractions, methods }: Faithfulness, kind: Kind): Body {
  const shown = inOrder(methods);
  const styles = shown.map(({ method }) => METHOD_STYLES[method]);
  const domain = styles.map(({ name }) => name);
  const values = shown.flatMap(({ method, [kind]: { curve } }) =>
    curve.map((probability, i) => ({
      fraction: rounded(fractions[i]),
      probability: rounded(probability),
      method: METHOD_STYLES[method].name,
    }))
  );
  const { title, axis, better } = PANELS[kind];
  const series = { field: "method", type: "nominal", title: null };
  return {
    title: panelTitle([title, better]),
    width: 320,
    height: 260,
    data: { values },
    mark: { type: "line", strokeWidth: 2.25 },
    encoding: {
      x: {
        field: "fraction",
        type: "quantitative",
        title: axis,
        axis: { format: ".0%", tickCount: 5 },
        scale: { domain: [0, 1] },
      },
      y: {
        field: "probability",
        type: "quantitative",
        title: "probability",
        axis: { format: ".0%", tickCount: 5 },
        scale: { domain: [0, 1] },
      },
      color: {
        ...series,
        scale: { domain, range: styles.map(({ colour }) => colour) },
        legend: { orient: "bottom", columns: 3, symbolType: "stroke", symbolSize: 400 },
      },
      strokeDash: { ...series, scale: { domain, range: styles.map(({ dash }) => dash) } },
    },
  };
}

function gainPanel(shown: readonly FaithfulnessRow[], kind: Kind): Body {
  const values = shown.map(({ method, [kind]: { gain } }) => ({
    method: METHOD_STYLES[method].name,
    mean: rounded(gain!.mean),
    low: rounded(gain!.interval[0]),
    high: rounded(gain!.interval[1]),
  }));
  const color = {
    field: "method",
    type: "nominal",
    legend: null,
    scale: {
      domain: values.map(({ method }) => method),
      range: shown.map(({ method }) => METHOD_STYLES[method].colour),
    },
  };
  return {
    title: panelTitle(kind),
    width: 260,
    height: { step: 34 },
    data: { values },
    encoding: {
      y: {
        field: "method",
        type: "nominal",
        sort: null,
        title: null,
        axis: kind === "deletion" ? {} : null,
      },
    },
    layer: [
      {
        data: { values: [{ nothing: 0 }] },
        mark: { type: "rule", color: COLOURS.ink, strokeWidth: 1.5 },
        encoding: { x: { field: "nothing", type: "quantitative" }, y: null },
      },
      {
        mark: { type: "rule", strokeWidth: 2.5 },
        encoding: {
          x: { field: "low", type: "quantitative", title: "gain over random order" },
          x2: { field: "high" },
          color,
        },
      },
      {
        mark: { type: "point", size: 90 },
        encoding: { x: { field: "mean", type: "quantitative" }, color },
      },
    ],
  };
}

function signed(x: number): string {
  return `${x < 0 ? "−" : "+"}${Math.abs(x).toFixed(3)}`;
}
