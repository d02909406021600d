import { count, type Figure, figure, panelTitle } from "./figure.ts";
import { COLOURS } from "./theme.ts";

/** Above so many classes names are left out: they could not be read. */
const MOST_NAMES = 40;

/** Images of a split by class, in the order of the classes. */
export interface SplitCounts {
  readonly split: string;
  readonly counts: readonly number[];
}

/** How many images each class has in each split. */
export function classBalance(classes: readonly string[], splits: readonly SplitCounts[]): Figure {
  const named = classes.length <= MOST_NAMES;
  const filled = splits.filter(({ counts }) => counts.some((n) => n > 0));
  const step = named ? 24 : Math.max(2, Math.floor(560 / classes.length));
  const totals = filled.map(({ split, counts }) => `${count(sum(counts))} ${split}`).join(", ");
  const panel = (split: string, counts: readonly number[], first: boolean) => ({
    title: panelTitle(`${split} (${count(sum(counts))})`),
    width: Math.floor(600 / filled.length),
    height: { step },
    data: { values: counts.map((images, index) => ({ class: classes[index], index, images })) },
    layer: [
      {
        mark: { type: "bar", color: COLOURS.blue },
        encoding: {
          x: {
            field: "images",
            type: "quantitative",
            title: "images",
            axis: { tickCount: 3, tickMinStep: 1, format: ",d" },
          },
        },
      },
    ],
    encoding: {
      y: {
        field: named ? "class" : "index",
        type: "ordinal",
        sort: null,
        title: first && !named ? `class (${classes.length}, in order of their index)` : null,
        axis: named ? { labels: first } : { labels: false, ticks: false },
        ...(!named && { scale: { paddingInner: 0 } }),
      },
    },
  });
  return figure({
    name: "class-balance",
    title: "Images of each class by split",
    subtitle: filled.length > 1 ? [totals, "Each panel has a scale of its own"] : totals,
    description: `Bars for ${classes.length} classes in the splits ${
      filled.map(({ split }) => split).join(", ")
    }: how many images each class has. In all ${totals}.`,
  }, {
    spacing: 24,
    hconcat: filled.map(({ split, counts }, i) => panel(split, counts, i === 0)),
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
