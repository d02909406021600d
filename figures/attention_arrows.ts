import { type Figure, figure, percent, rounded } from "./figure.ts";
import { COLOURS } from "./theme.ts";

/** Above so many patches arrows can't be told apart. */
const MOST_PATCHES = 12;
const COLUMNS = 4;
/** A weight that would be written as 0.0% has no arrow. */
const LEAST = 5e-4;
const [WIDTH, ROW] = [110, 28];
/** Length of an arrow's head in pixels, and the angle of its two strokes to the line. */
const [HEAD, SPREAD] = [10, 0.45];

/**
 * An arrow from each patch to every patch that it attends to, as thick as the weight; a panel for
 * each patch that asks.
 * @param weights Rows that add up to 1: `[patches][patches]`.
 * @returns undefined of more than 12 patches.
 */
export function attentionArrows(weights: readonly (readonly number[])[]): Figure | undefined {
  const count = weights.length;
  if (count > MOST_PATCHES) return undefined;
  const middle = (count + 1) / 2;
  const end = 0.8;
  const unit = count * ROW / (count + 0.2); // pixels from a patch to the next
  const values = weights.flatMap((row, i) =>
    row.map((weight, j) => ({
      asks: `patch ${i + 1} attends to`,
      from: middle,
      to: j + 1,
      label: String(j + 1),
      weight: rounded(weight, 4),
      share: percent(weight),
    }))
  );
  // Rules and no triangles: the canvas that draws PNGs does not turn a symbol.
  const heads = values.filter(({ weight }) => weight >= LEAST).flatMap(({ asks, weight, to }) => {
    const angle = Math.atan2((to - middle) * unit, end * WIDTH);
    return [-1, 1].map((side) => ({
      asks,
      weight,
      to,
      headX: rounded(end - HEAD * Math.cos(angle + side * SPREAD) / WIDTH, 4),
      headY: rounded(to - HEAD * Math.sin(angle + side * SPREAD) / unit, 4),
    }));
  });
  const asks = weights.map((_, i) => `patch ${i + 1} attends to`);
  const largest = weights.map((row) => Math.max(...row));
  const at = (x: number) => ({
    datum: x,
    type: "quantitative",
    axis: null,
    scale: { domain: [-0.12, 1.6], nice: false, zero: false },
  });
  const y = {
    field: "to",
    type: "quantitative",
    axis: null,
    scale: { domain: [0.4, count + 0.6], reverse: true, nice: false, zero: false },
  };
  const size = {
    type: "quantitative",
    field: "weight",
    scale: { domain: [0, 1], range: [0.4, 9] },
  };
  const color = {
    type: "quantitative",
    field: "weight",
    scale: { domain: [0, 1], range: ["#a3cbe6", COLOURS.blue] },
    legend: null,
  };
  return figure({
    name: "attention-arrows",
    title: "Which patch attends to which",
    subtitle: [
      "An arrow is as thick as its weight; the weights of a patch add up to 100%",
      ...(weights.flat().some((weight) => weight < LEAST)
        ? [`Weights below ${percent(LEAST, 2)} have no arrow`]
        : []),
    ],
    description: `Arrows from each of ${count} patches to every patch, as thick as the weight of ` +
      `attention. The largest weight of each: ${
        largest.map((weight, i) => `patch ${i + 1}, ${percent(weight)}`).join("; ")
      }.`,
  }, {
    data: { values: [...values, ...heads] },
    facet: {
      field: "asks",
      type: "nominal",
      sort: asks,
      title: null,
      header: { labelAnchor: "start", labelPadding: 4 },
    },
    columns: Math.min(COLUMNS, count),
    spacing: 26,
    spec: {
      width: 1.72 * WIDTH,
      height: count * ROW,
      layer: [
        {
          transform: [{ filter: `isValid(datum.from) && datum.weight >= ${LEAST}` }],
          mark: { type: "rule" },
          encoding: {
            x: at(0),
            x2: { datum: end },
            y: { ...y, field: "from" },
            y2: { field: "to" },
            strokeWidth: { ...size, legend: null },
            color,
          },
        },
        {
          transform: [{ filter: "isValid(datum.headX)" }],
          mark: { type: "rule", strokeWidth: 2.5, strokeCap: "round" },
          encoding: {
            x: { ...at(0), datum: undefined, field: "headX" },
            x2: { datum: end },
            y: { ...y, field: "headY" },
            y2: { field: "to" },
            color,
          },
        },
        {
          transform: [{ filter: "isValid(datum.from)" }],
          mark: { type: "point", size: 190, color: COLOURS.ink },
          encoding: { x: at(0), y: { ...y, field: "from" } },
        },
        {
          transform: [{ filter: "isValid(datum.from)" }],
          mark: { type: "text", align: "left", fontWeight: "bold" },
          encoding: { x: at(0.9), y, text: { field: "label", type: "nominal" } },
        },
        {
          transform: [{ filter: "isValid(datum.from)" }],
          mark: { type: "text", align: "right" },
          encoding: { x: at(1.56), y, text: { field: "share", type: "nominal" } },
        },
      ],
    },
  });
}
