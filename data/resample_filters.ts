/** Names of Pillow's filters, in the order of its numbers: `PIL.Image.Resampling(3)` is `bicubic`. */
export const RESAMPLE_NAMES = [
  "nearest",
  "lanczos",
  "bilinear",
  "bicubic",
  "box",
  "hamming",
] as const;

/** A filter of Pillow's `Image.resize`. */
export type Resample = typeof RESAMPLE_NAMES[number];

/** A kernel: its value at `x`, and how far from 0 it reaches, in pixels of the larger image. */
interface Kernel {
  readonly support: number;
  readonly at: (x: number) => number;
}

const sinc = (x: number): number => x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);

const bicubic = (x: number): number => {
  const a = -0.5; // as in Pillow; PyTorch's bicubic has -0.75
  const d = Math.abs(x);
  if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  if (d < 2) return (((d - 5) * d + 8) * d - 4) * a;
  return 0;
};

const hamming = (x: number): number => {
  const d = Math.abs(x);
  if (d === 0) return 1;
  if (d >= 1) return 0;
  return Math.sin(d * Math.PI) / (d * Math.PI) * (0.54 + 0.46 * Math.cos(d * Math.PI));
};

/** The kernels of Pillow's `Resample.c`, by name; `nearest` has none. */
const KERNELS: Readonly<Record<Exclude<Resample, "nearest">, Kernel>> = {
  box: { support: 0.5, at: (x) => x > -0.5 && x <= 0.5 ? 1 : 0 },
  bilinear: { support: 1, at: (x) => Math.max(0, 1 - Math.abs(x)) },
  hamming: { support: 1, at: hamming },
  bicubic: { support: 2, at: bicubic },
  lanczos: { support: 3, at: (x) => x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0 },
};

/** What each pixel of a resized row (or column) is made of. */
export interface Taps {
  /** Taps a pixel; where a pixel has fewer, the rest have weight 0 and repeat an index in range. */
  readonly count: number;
  /** Index of the first source pixel, `[to]`. */
  readonly first: Int32Array;
  /** Weights in fixed point with 22 bits, `[to, count]`. */
  readonly weights: Int32Array;
}

/** Bits after the point of a weight: 32, less 8 for the pixel, less 2 against overflow. */
export const WEIGHT_BITS = 22;

/**
 * The weights of one pass, as Pillow's `precompute_coeffs` and `normalize_coeffs_8bpc` have them:
 * computed in float64, made to sum to 1, rounded half away from zero to 22 bits.
 *
 * @param from Pixels of the source along this side.
 * @param to Pixels of the result along this side.
 */
export function filterTaps(
  from: number,
  to: number,
  filter: Exclude<Resample, "nearest">,
): Taps {
  const kernel = KERNELS[filter];
  const scale = from / to;
  const stretch = Math.max(scale, 1); // shrinking widens the kernel over all that it has to cover
  const support = kernel.support * stretch;
  const rows: number[][] = [];
  const starts: number[] = [];
  for (let i = 0; i < to; i++) {
    const center = (i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(center - support + 0.5));
    const end = Math.min(from, Math.trunc(center + support + 0.5));
    const row: number[] = [];
    let sum = 0;
    for (let x = start; x < end; x++) {
      const weight = kernel.at((x - center + 0.5) * (1 / stretch));
      row.push(weight);
      sum += weight;
    }
    rows.push(row.map((weight) => sum === 0 ? weight : weight / sum));
    starts.push(start);
  }
  const count = Math.min(from, Math.max(...rows.map((row) => row.length)));
  const first = new Int32Array(to);
  const weights = new Int32Array(to * count);
  rows.forEach((row, i) => {
    // The window slides back where it would leave the image; its first weights are then 0.
    first[i] = Math.min(starts[i], from - count);
    row.forEach((weight, k) => {
      const fixed = weight * (1 << WEIGHT_BITS);
      weights[i * count + starts[i] - first[i] + k] = Math.trunc(fixed + (fixed < 0 ? -0.5 : 0.5));
    });
  });
  return { count, first, weights };
}

/**
 * Source index of every pixel of a row (or column) for `nearest`. Pillow adds the step up from
 * pixel to pixel, and so do we: a product can round to another pixel.
 */
export function nearestIndices(from: number, to: number): Int32Array {
  const step = from / to;
  const indices = new Int32Array(to);
  let position = step * 0.5;
  for (let i = 0; i < to; i++) {
    indices[i] = Math.min(Math.trunc(position), from - 1);
    position += step;
  }
  return indices;
}
