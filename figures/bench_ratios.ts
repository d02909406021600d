import { type Body, type Figure, figure, rounded } from "./figure.ts";
import { COLOURS } from "./theme.ts";

/** A row of the benchmark beside one peer. */
export interface RatioRow {
  readonly group: string;
  readonly title: string;
  readonly peer: string;
  /** The peer's seconds by ours: the median, and how far it goes to both sides. */
  readonly ratio: { readonly median: number; readonly low: number; readonly high: number };
  /** What the median is meant to reach; null where nothing was set. */
  readonly aim: number | null;
}

/**
 * How many times as fast as each peer, a point a row with a line from its lower to its upper
 * quartile, on a logarithmic axis.
 *
 * @param rows In the order of the page.
 * @returns undefined where there was no peer.
 */
export function benchRatios(rows: readonly RatioRow[]): Figure | undefined {
  if (rows.length === 0) return undefined;
  const values = rows.map(({ group, title, peer, ratio, aim }) => ({
    row: `${group}: ${title}`,
    peer,
    median: rounded(ratio.median, 4),
    low: rounded(ratio.low, 4),
    high: rounded(ratio.high, 4),
    aim,
  }));
  const order = [...new Set(values.map(({ row }) => row))];
  const peers = [...new Set(values.map(({ peer }) => peer))];
  const ends = values.flatMap(({ low, high, aim }) => [low, high, aim ?? 1, 1]);
  const y = {
    field: "row",
    type: "nominal",
    sort: order,
    title: null,
    axis: { labelLimit: 620, grid: true },
  };
  // Over a short range the halves would leave one number, or none.
  const near = Math.max(...ends) / Math.min(...ends) < 8;
  const x = (field: string): Body => ({
    field,
    type: "quantitative",
    title: "the peer's time / our time (above 1: we are faster)",
    scale: { type: "log", domain: [Math.min(...ends) / 1.1, Math.max(...ends) * 1.1], nice: false },
    axis: { values: TICKS.filter((at) => near || HALVES.includes(at)), format: "~g" },
  });
  const color = {
    field: "peer",
    type: "nominal",
    title: null,
    scale: { domain: peers },
    legend: { orient: "bottom", columns: 3 },
  };
  const aims = values.some(({ aim }) => aim !== null);
  const slowest = values.toSorted((a, b) => a.median - b.median)[0];
  return figure({
    name: "bench-ratios",
    title: "How many times as fast",
    subtitle: [
      "Point: median; line: quartiles, of measurements taken in turn",
      ...(aims ? ["Tick: what it is meant to reach"] : []),
    ],
    description: `Points on a logarithmic axis: the time of ${peers.join(", ")} divided by ours, ` +
      `for ${order.length} kinds of work. Lowest: ${slowest.median}, ${slowest.row}.`,
  }, {
    width: 420,
    height: { step: 26 },
    data: { values },
    layer: [
      {
        mark: { type: "rule", color: COLOURS.grey, strokeDash: [4, 4] },
        encoding: { x: { datum: 1 } },
      },
      {
        transform: [{ filter: "datum.aim !== null" }],
        mark: { type: "tick", thickness: 2.5, color: COLOURS.ink },
        encoding: { y, x: x("aim") },
      },
      {
        mark: { type: "rule", strokeWidth: 2.5 },
        encoding: { y, x: x("low"), x2: { field: "high" }, color },
      },
      { mark: { type: "point", size: 80 }, encoding: { y, x: x("median"), color } },
    ],
  });
}

/** Where the axis may have a number, and those that remain where it is long. */
const TICKS = [0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.4, 2, 3, 4, 5, 6, 8, 10, 20, 50, 100];
const HALVES = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100];
