/// <reference lib="dom" />
import { h, s, table } from "./dom.ts";
import { NONE } from "./format.ts";

/** Curves that can be told apart in one chart: seven colours, three kinds of line. */
export const MOST_CURVES = 21;

/** One curve. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Marks a point: the epoch whose model was kept. */
  readonly marked?: number;
}

/** What a chart shows. */
export interface ChartParts {
  readonly title: string;
  /** What is counted along the bottom: `epoch`. */
  readonly x: string;
  readonly series: readonly Series[];
  /** How a value is written, on the axis and in the table. */
  readonly format: (value: number) => string;
}

const WIDTH = 640;
const HEIGHT = 300;
const LEFT = 64;
const RIGHT = 16;
const TOP = 12;
const BOTTOM = 44;

/** Line charts as pictures, with the same numbers as a table below. */
export function lineChart({ title, x, series, format }: ChartParts): HTMLElement {
  const all = series.flatMap(({ points }) => points);
  if (all.length === 0) return h("p", {}, `${title}: nothing has been measured yet.`);
  const across = scale(all.map(([x]) => x), [LEFT, WIDTH - RIGHT], true);
  const up = scale(all.map(([, y]) => y), [HEIGHT - BOTTOM, TOP], false);
  const svg = s(
    "svg",
    {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      role: "img",
      "aria-label": `${title} by ${x}: ${
        describe(series, format)
      }. The table below has the numbers.`,
    },
    ...up.ticks.flatMap((y) => [
      s("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: up.at(y), y2: up.at(y) }),
      s("text", { class: "tick", x: LEFT - 8, y: up.at(y) + 4, "text-anchor": "end" }, format(y)),
    ]),
    ...across.ticks.map((tick) =>
      s(
        "text",
        { class: "tick", x: across.at(tick), y: HEIGHT - BOTTOM + 20, "text-anchor": "middle" },
        tick,
      )
    ),
    s("line", {
      ...{ class: "axis", x1: LEFT, x2: WIDTH - RIGHT },
      ...{ y1: HEIGHT - BOTTOM, y2: HEIGHT - BOTTOM },
    }),
    s(
      "text",
      { class: "tick", x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 4, "text-anchor": "middle" },
      x,
    ),
    ...series.map((one, i) => curve(one, i, across.at, up.at, format, x)),
  );
  return h(
    "figure",
    { class: "chart" },
    h("figcaption", {}, title),
    h("div", { class: "picture", tabindex: 0, role: "group", "aria-label": title }, svg),
    series.length > 1 && legend(series),
    h("details", {}, h("summary", {}, "As a table"), numbers({ title, x, series, format })),
  );
}

function curve(
  { name, points, marked }: Series,
  index: number,
  across: (x: number) => number,
  up: (y: number) => number,
  format: (value: number) => string,
  x: string,
): SVGElement {
  const few = points.length <= 60;
  return s(
    "g",
    { class: styleOf(index) },
    s("polyline", { points: points.map(([x, y]) => `${across(x)},${up(y)}`).join(" ") }),
    ...points.filter(([at]) => few || at === marked).map(([at, y]) =>
      s(
        "circle",
        { cx: across(at), cy: up(y), r: at === marked ? 6 : 3 },
        s("title", {}, `${name}, ${x} ${at}: ${format(y)}${at === marked ? ", kept" : ""}`),
      )
    ),
  );
}

function styleOf(index: number): string {
  return `series colour-${index % 7} line-${Math.floor(index / 7) % 3}`;
}

function legend(series: readonly Series[]): HTMLElement {
  return h(
    "ul",
    { class: "legend" },
    ...series.map(({ name }, i) =>
      h(
        "li",
        {},
        s(
          "svg",
          { viewBox: "0 0 32 12", width: 32, height: 12, "aria-hidden": "true" },
          s("g", { class: styleOf(i) }, s("polyline", { points: "0,6 32,6" })),
        ),
        name,
      )
    ),
  );
}

function numbers({ title, x, series, format }: ChartParts): HTMLElement {
  const places = [...new Set(series.flatMap(({ points }) => points.map(([x]) => x)))]
    .toSorted((a, b) => a - b);
  const maps = series.map(({ points }) => new Map(points));
  return table({
    caption: title,
    quiet: true,
    head: [x, ...series.map(({ name }) => name)],
    rows: places.map((place) => [
      place,
      ...maps.map((map) => map.has(place) ? format(map.get(place)!) : NONE),
    ]),
    numeric: [...series.keys()].map((i) => i + 1),
  });
}

function describe(series: readonly Series[], format: (value: number) => string): string {
  return series.filter(({ points }) => points.length > 0).map(({ name, points }) => {
    const [first, last] = [points[0], points.at(-1)!];
    return points.length === 1
      ? `${name} ${format(first[1])}`
      : `${name} from ${format(first[1])} to ${format(last[1])}`;
  }).join("; ");
}

/** Round numbers from the smallest to the largest value or beyond, and their places. */
function scale(
  values: readonly number[],
  [from, to]: readonly [number, number],
  whole: boolean,
): { ticks: number[]; at: (value: number) => number } {
  const [least, most] = [
    values.reduce((a, b) => Math.min(a, b)),
    values.reduce((a, b) => Math.max(a, b)),
  ];
  const step = stepFor(most - least || Math.abs(most) || 1, whole);
  const low = whole ? least : Math.floor(least / step) * step;
  const high = whole ? most : Math.ceil(most / step) * step;
  const ticks = [];
  for (let i = Math.ceil(low / step); i * step <= high + step / 1e6; i++) {
    ticks.push(Number((i * step).toPrecision(12)));
  }
  const span = high - low || 1;
  const middle = high === low ? 0.5 : 0; // one point alone stands in the middle
  return { ticks, at: (value) => from + ((value - low) / span + middle) * (to - from) };
}

/** 1, 2 or 5 times a power of ten, such that there are about five steps. */
function stepFor(span: number, whole: boolean): number {
  const rough = span / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((times) => times * power).find((step) => step >= rough)!;
  return whole ? Math.max(1, step) : step;
}
