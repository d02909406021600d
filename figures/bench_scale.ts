import { type Figure, figure, rounded } from "./figure.ts";
import { COLOURS } from "./theme.ts";

/** A data set of one size, taken through a run. */
export interface ScaleRow {
  readonly images: number;
  /** Of the run, and of the one after it, which has nothing to do. */
  readonly seconds: number;
  readonly again: number;
  /** Largest resident size, bytes; null where the system does not say. */
  readonly peak: number | null;
}

const MEASURES = [
  { field: "seconds", title: "first run (s)", scale: { type: "log" } },
  { field: "again", title: "with nothing to do (s)", scale: { zero: true } },
  { field: "gigabytes", title: "peak memory (GB)", scale: { zero: true } },
] as const;

/**
 * Time and memory against the number of images, which is on a logarithmic axis. So is the time of the
 * first run: work that grows with the images is a straight line then, not a curve that takes off.
 *
 * @returns undefined of fewer than two sizes.
 */
export function benchScale(rows: readonly ScaleRow[]): Figure | undefined {
  if (rows.length < 2) return undefined;
  const values = rows.map(({ images, seconds, again, peak }) => ({
    images,
    seconds: rounded(seconds, 4),
    again: rounded(again, 4),
    gigabytes: peak === null ? null : rounded(peak / 1e9, 4),
  }));
  const shown = MEASURES.filter(({ field }) => values.every((row) => row[field] !== null));
  const [least, most] = [values[0], values[values.length - 1]];
  return figure({
    name: "bench-scale",
    title: "From few images to many",
    subtitle: [
      "An image folder through preprocess, frozen blocks, one epoch and evaluate",
      "The axes of images and of the first run's time are logarithmic",
    ],
    description: `Line charts against the number of images, ${least.images} to ${most.images}: ` +
      shown.map(({ field, title }) => `${title} from ${least[field]} to ${most[field]}`).join("; "),
  }, {
    spacing: 36,
    data: { values },
    hconcat: shown.map(({ field, title, scale }) => ({
      width: 240,
      height: 220,
      mark: { type: "line", color: COLOURS.blue, point: { color: COLOURS.blue } },
      encoding: {
        x: {
          field: "images",
          type: "quantitative",
          title: "images",
          scale: { type: "log", nice: false },
          axis: { values: values.map(({ images }) => images), format: "~s", grid: false },
        },
        y: { field, type: "quantitative", title, scale, axis: { tickCount: 5, format: "~r" } },
      },
    })),
  });
}
