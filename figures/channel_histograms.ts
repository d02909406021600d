import { type Figure, figure, panelTitle, rounded } from "./figure.ts";
import { COLOURS } from "./theme.ts";

/** Mean, deviation and histogram of red, green and blue. */
export interface Channels {
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly histogram: {
    /** Lower edge of the first bin. */
    readonly from: number;
    /** Upper edge of the last bin. */
    readonly to: number;
    /** Values by channel and bin. */
    readonly counts: readonly (readonly number[])[];
  };
}

const NAMES = ["red", "green", "blue"];

/** How the values of each channel are spread, as stored and as the model gets them. */
export function channelHistograms(before: Channels, after: Channels): Figure {
  const colour = {
    field: "channel",
    type: "nominal",
    title: null,
    legend: { orient: "top" },
    sort: NAMES,
    scale: { domain: NAMES, range: [COLOURS.vermilion, COLOURS.green, COLOURS.blue] },
  };
  const panel = (channels: Channels, name: string, axis: string, digits: number) => ({
    title: panelTitle([name, summary(channels, digits)]),
    width: 330,
    height: 250,
    data: { values: rows(channels) },
    mark: { type: "line", interpolate: "step-after" },
    encoding: {
      x: {
        field: "value",
        type: "quantitative",
        title: axis,
        scale: { zero: false, nice: false },
        axis: { tickCount: 6 },
      },
      y: {
        field: "share",
        type: "quantitative",
        title: "share of the values",
        axis: { format: ".1%", tickCount: 5 },
      },
      color: colour,
      // Where lines lie upon each other all are seen.
      strokeWidth: { ...colour, scale: { domain: NAMES, range: [4.5, 2.75, 1.25] } },
    },
  });
  return figure({
    name: "channel-histograms",
    title: "Channels before and after normalising",
    subtitle: "Training images; mean ± deviation of each channel above its panel",
    description: `Histograms of red, green and blue over the training images. Before: ${
      summary(before, 1)
    }. After: ${summary(after, 2)}.`,
  }, {
    spacing: 30,
    hconcat: [
      panel(before, "Before: stored pixels", "value (0 to 255)", 1),
      panel(after, "After: resized, rescaled, normalised", "value (model input)", 2),
    ],
    resolve: { scale: { x: "independent", y: "independent" } },
  });
}

function rows({ histogram: { from, to, counts } }: Channels): object[] {
  return counts.flatMap((bins, c) => {
    const total = bins.reduce((a, b) => a + b, 0) || 1;
    const width = (to - from) / bins.length;
    const points = bins.map((n, i) => ({ at: from + i * width, share: n / total }));
    // The last step needs an end.
    points.push({ at: to, share: points[points.length - 1].share });
    return points.map(({ at, share }) => ({
      channel: NAMES[c],
      value: rounded(at),
      share: rounded(share, 4),
    }));
  });
}

function summary({ mean, std }: Channels, digits: number): string {
  const fixed = (x: number) => x.toFixed(digits).replace("-", "−");
  return NAMES.map((name, c) => `${name} ${fixed(mean[c])} ± ${fixed(std[c])}`).join(", ");
}
