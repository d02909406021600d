import { counted, shown } from "./numbers.ts";

type Size = number | readonly [height: number, width: number];

/** Height and width of a size that may be one number for both. */
export function sides(size: Size): [height: number, width: number] {
  return typeof size === "number" ? [size, size] : [size[0], size[1]];
}

/** What an image becomes (Dosovitskiy et al. 2021, section 3.1). */
export interface PatchCount {
  readonly image: [height: number, width: number];
  readonly patch: [height: number, width: number];
  readonly channels: number;
  /** Patches down and across. */
  readonly grid: [down: number, across: number];
  readonly count: number;
  /** Numbers of a patch, laid out in one row. */
  readonly flattened: number;
  /** Patches and the class token. */
  readonly tokens: number;
  /** The calculation, a line each. */
  readonly steps: string[];
}

/** Counts patches. @param options Patches must divide the image: the plan has checked it. */
export function countPatches(
  options: { readonly image: Size; readonly patch: Size; readonly channels: number },
): PatchCount {
  const { channels } = options;
  const image = sides(options.image);
  const patch = sides(options.patch);
  const [height, width] = image;
  const [ph, pw] = patch;
  const grid: [number, number] = [height / ph, width / pw];
  const [down, across] = grid;
  const count = down * across;
  const flattened = ph * pw * channels;
  const n = shown;
  return {
    ...{ image, patch, channels, grid, count, flattened, tokens: count + 1 },
    steps: [
      `Down: ${n(height)} / ${n(ph)} = ${counted(down, "row")} of patches`,
      `Across: ${n(width)} / ${n(pw)} = ${counted(across, "patch", "patches")} in each row`,
      `Number of patches: ${n(down)} × ${n(across)} = ${n(count)}`,
      `Check: ${n(count)} patches of ${n(ph)} × ${n(pw)} = ${n(ph * pw)} pixels have ${
        n(count)
      } × ${n(ph * pw)} = ${n(count * ph * pw)} pixels, the image's ${n(height)} × ${n(width)}`,
      `A patch, flattened: ${n(ph)} × ${n(pw)} × ${n(channels)} = ${counted(flattened, "number")}`,
      `Tokens: ${counted(count, "patch", "patches")} + 1 class token = ${n(count + 1)}`,
    ],
  };
}

/** The multiples of `part` on either side of `whole`, largest last; 0 is none. */
export function nearestMultiples(whole: number, part: number): number[] {
  const below = Math.floor(whole / part) * part;
  return [below, below + part].filter((side) => side > 0);
}

/** The divisors of `whole` on either side of `part`. */
export function nearestDivisors(whole: number, part: number): number[] {
  let below = Math.min(part, whole);
  while (whole % below !== 0) below--;
  let above = part;
  while (above < whole && whole % above !== 0) above++;
  return above <= whole ? [below, above] : [below];
}
