import { type Figure, figure, rounded } from "./figure.ts";

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
  { field: "seconds", title: "first run (s)" },
  { field: "again", title: "with nothing to do (s)" },
  { field: "gigabytes", title: "peak memory (GB)" },
] as const;

/**
 * Time and memory against the number of images, which is on a logarithmic axis.
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
    subtitle: "An image folder through preprocess, frozen blocks, one epoch, evaluate",
    description: `Line charts against the number of images, ${least.images} to ${most.images}: ` +
      shown.map(({ field, title }) => `${title} from ${least[field]} to ${most[field]}`).join("; "),
  }, {
    spacing: 36,
    data: { values },
    hconcat: shown.map(({ field, title }) => ({
      width: 240,
      height: 220,
      mark: { type: "line", point: true },
      encoding: {
        x: {
          field: "images",
          type: "quantitative",
          title: "images",
          scale: { type: "log", nice: false },
          axis: { values: values.map(({ images }) => images), format: "~s", grid: false },
        },
        y: { field, type: "quantitative", title, scale: { zero: true }, axis: { tickCount: 5 } },
      },
    })),
  });
}
