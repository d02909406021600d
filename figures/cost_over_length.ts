import { type Body, count, type Figure, figure, panelTitle, WITH_PREFIX } from "./figure.ts";
import { COLOURS } from "./theme.ts";

/** One property by family over the number of positions. */
export interface CostPanel {
  readonly title: string;
  readonly unit: string;
  readonly values: readonly {
    readonly family: string;
    readonly n: number;
    readonly value: number;
  }[];
}

/** Colours and dashes: lines that lie upon each other are both seen. */
const DASHES = [[1, 0], [7, 4], [2, 3]];

/**
 * How costs and reach grow with the number of positions, on logarithmic axes: two panels to a row.
 * @param at The number of positions of the comparison; a dashed line marks it.
 */
export function costOverLength(
  panels: readonly CostPanel[],
  setting: { readonly n: number; readonly text: string },
): Figure {
  const families = [...new Set(panels[0].values.map(({ family }) => family))];
  const rows = [panels.slice(0, 2), panels.slice(2)].filter((some) => some.length > 0);
  return figure({
    name: "cost-over-length",
    title: "What a longer sequence costs",
    subtitle: [
      `One layer, computed: ${setting.text}`,
      `Dotted upright line: n = ${count(setting.n)}, as in the table. Both axes are logarithmic`,
    ],
    description:
      `Lines for ${families.join(", ")} over the number of positions n, on logarithmic ` +
      `axes: ${panels.map(({ title }) => title).join("; ")}.`,
  }, {
    vconcat: rows.map((some) => ({
      hconcat: some.map((one) => panel(one, setting.n, families)),
      spacing: 40,
    })),
    spacing: 28,
  });
}

function panel({ title, unit, values }: CostPanel, n: number, families: readonly string[]): Body {
  const ends = values.map((row) => row.n);
  const domain = [Math.min(...ends), Math.max(...ends)];
  const x = {
    field: "n",
    type: "quantitative",
    title: "positions n",
    scale: { type: "log", base: 2, domain, nice: false },
    axis: { values: [1, 4, 16, 64, 256, 1024, 4096, 16384], format: "d", labelOverlap: "parity" },
  };
  const low = Math.min(...values.map(({ value }) => value));
  const high = Math.max(...values.map(({ value }) => value));
  return {
    title: panelTitle(title),
    width: 330,
    height: 200,
    layer: [
      {
        data: { values: [{ n }] },
        mark: { type: "rule", strokeDash: [2, 3], color: COLOURS.ink },
        encoding: { x },
      },
      {
        data: { values },
        mark: { type: "line", clip: true },
        encoding: {
          x,
          y: {
            field: "value",
            type: "quantitative",
            title: unit,
            // Room below, so that a line at 1 does not lie upon the axis.
            scale: { type: "log", domain: [low / 2, high], nice: false },
            axis: { ...WITH_PREFIX, values: powersOfTen(low / 2, high) },
          },
          color: {
            field: "family",
            type: "nominal",
            title: null,
            scale: { domain: families },
            legend: { orient: "bottom", symbolSize: 900 },
          },
          strokeDash: {
            field: "family",
            type: "nominal",
            scale: { domain: families, range: DASHES },
            legend: { orient: "bottom", symbolSize: 900 },
          },
        },
      },
    ],
  };
}

/** Those from one number to another: every one, or every second of many. */
function powersOfTen(from: number, to: number): number[] {
  const [first, last] = [Math.ceil(Math.log10(from)), Math.floor(Math.log10(to))];
  const step = last - first > 7 ? 2 : 1;
  const powers = [];
  for (let power = first; power <= last; power += step) powers.push(10 ** power);
  return powers;
}
