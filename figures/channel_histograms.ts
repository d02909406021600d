import { type Figure, figure, rounded } from "./figure.ts";
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
    title: "channel",
    sort: NAMES,
    scale: { domain: NAMES, range: [COLOURS.vermilion, COLOURS.green, COLOURS.blue] },
  };
  const panel = (channels: Channels, name: string, axis: string, first: boolean) => ({
    title: { text: [name, ...summary(channels)], fontSize: 13, fontWeight: "normal", offset: 8 },
    width: 330,
    height: 250,
    data: { values: rows(channels) },
    mark: { type: "line", interpolate: "step-after", strokeWidth: 2 },
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
        title: first ? "share of the values" : null,
        axis: { format: ".1%", tickCount: 5 },
      },
      color: colour,
    },
  });
  return figure({
    name: "channel-histograms",
    title: "Channels before and after normalising",
    subtitle: "Training images; mean ± deviation of each channel above its panel",
    description: `Histograms of red, green and blue over the training images. Before: ${
      summary(before).join("; ")
    }. After: ${summary(after).join("; ")}.`,
  }, {
    spacing: 30,
    hconcat: [
      panel(before, "Before: stored pixels", "value (0 to 255)", true),
      panel(after, "After: resized, rescaled, normalised", "value (model input)", false),
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

function summary({ mean, std }: Channels): string[] {
  return [NAMES.map((name, c) => `${name} ${short(mean[c])} ± ${short(std[c])}`).join(", ")];
}

const short = (x: number) => String(Number(x.toPrecision(3)));
