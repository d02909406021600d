/** Mean, deviation, range and histogram by channel: red, green, blue. */
export interface ChannelStatistics {
  readonly mean: number[];
  /** Of the population: divided by the number of pixels. */
  readonly std: number[];
  readonly minimum: number[];
  readonly maximum: number[];
  readonly histogram: {
    /** Lower edge of the first bin. */
    readonly from: number;
    /** Upper edge of the last bin. */
    readonly to: number;
    /** Pixels by channel and bin, `[3][64]`. */
    readonly counts: number[][];
  };
}

/** Bins of a histogram: four pixel values each. */
const BINS = 64;

/**
 * Counts how often each value from 0 to 255 occurs in each channel. From these counts everything
 * follows exactly, also for normalised pixels: normalising maps each value to one number. Memory
 * does not grow with the number of images, and their order changes nothing.
 */
export class PixelCounts {
  /** `[256, 3]`; float64, which counts exactly up to 2^53. */
  readonly #counts = new Float64Array(256 * 3);

  /** Adds RGB pixels, uint8, `[…, 3]`. */
  add(pixels: Uint8Array): void {
    const counts = this.#counts;
    for (let i = 0; i < pixels.length; i += 3) {
      counts[pixels[i] * 3]++;
      counts[pixels[i + 1] * 3 + 1]++;
      counts[pixels[i + 2] * 3 + 2]++;
    }
  }

  /**
   * Statistics of all that was added.
   * @param table What each value stands for, `[256, 3]`, growing in each channel
   * ({@linkcode normalizationTable}); where it is missing, the values themselves.
   * @throws {RangeError} if nothing was added.
   */
  statistics(table: ArrayLike<number> = IDENTITY): ChannelStatistics {
    const channels = [0, 1, 2].map((channel) => {
      const pairs = Array.from({ length: 256 }, (_, value) => ({
        x: table[value * 3 + channel],
        n: this.#counts[value * 3 + channel],
      }));
      return { pairs, step: (pairs[255].x - pairs[0].x) / 255 };
    });
    // Each value stands for the step around it, so that all bins hold equally many values.
    const from = Math.min(...channels.map(({ pairs, step }) => pairs[0].x - step / 2));
    const to = Math.max(...channels.map(({ pairs, step }) => pairs[255].x + step / 2));
    const each = channels.map(({ pairs }) => summarise(pairs, from, to));
    return {
      mean: each.map(({ mean }) => mean),
      std: each.map(({ std }) => std),
      minimum: each.map(({ minimum }) => minimum),
      maximum: each.map(({ maximum }) => maximum),
      histogram: { from, to, counts: each.map(({ bins }) => bins) },
    };
  }
}

const IDENTITY = Array.from({ length: 256 * 3 }, (_, i) => Math.floor(i / 3));

function summarise(pairs: readonly { x: number; n: number }[], from: number, to: number) {
  const present = pairs.filter(({ n }) => n > 0);
  const total = present.reduce((sum, { n }) => sum + n, 0);
  if (total === 0) throw new RangeError("Cannot describe pixels: none were counted");
  const mean = present.reduce((sum, { x, n }) => sum + n * x, 0) / total;
  const variance = present.reduce((sum, { x, n }) => sum + n * (x - mean) ** 2, 0) / total;
  const bins = new Array<number>(BINS).fill(0);
  for (const { x, n } of present) bins[Math.floor((x - from) / (to - from) * BINS)] += n;
  return {
    mean,
    std: Math.sqrt(variance),
    minimum: present[0].x,
    maximum: present[present.length - 1].x,
    bins,
  };
}
