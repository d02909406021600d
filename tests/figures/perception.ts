import sharp from "sharp";

/** Width and height of the small pictures at most, pixels: half of what a phone shows of a figure. */
const SIDE = 240;
/** Sides of the squares whose colours are compared, and the steps between their corners, pixels. */
const [SQUARE, STEP] = [6, 3];

/** Pixels of a picture in CIELAB. */
export interface Seen {
  readonly width: number;
  readonly height: number;
  /** `[height, width, 3]`, RGB. */
  readonly rgb: Uint8Array;
  /** `[height, width, 3]`: L*, a*, b* under D65. */
  readonly lab: Float32Array;
}

/** How far apart two pictures are, as mean distances in CIELAB (CIE76: about 2 is just noticed). */
export interface Difference {
  /** Of the square that differs most: a moved legend, one bar of another length. */
  readonly worst: number;
  /** Over the whole picture: another theme, another scale of colours. */
  readonly mean: number;
}

/**
 * From this distance of a square on, a figure looks otherwise than it did. The fewer levels
 * of a committed picture make up to 2.5; the smallest deliberate change of perception_test.ts, a thin
 * line in the next colour, makes 4.8.
 */
export const NOTICED = 3.5;

/**
 * So far apart may a square be that another program draws. Edges and text that Chromium places a
 * fraction of a pixel aside make up to 4.0 in the examples' canvases; a label of another word makes
 * 19, a wrong colour of a cell 10.
 */
export const OTHER_RENDERER = 6;

/** A PNG of a figure as {@linkcode difference} compares it: within 240 by 240 pixels. */
export async function small(png: Uint8Array): Promise<Seen> {
  return await decode(
    new Uint8Array(
      await sharp(png).flatten({ background: "#ffffff" }).resize({
        width: SIDE,
        height: SIDE,
        fit: "inside",
      }).png().toBuffer(),
    ),
  );
}

/** Reads a PNG at the size that it has. */
export async function decode(png: Uint8Array): Promise<Seen> {
  const { data, info: { width, height } } = await sharp(png).flatten({ background: "#ffffff" })
    .toColourspace("srgb").raw().toBuffer({ resolveWithObject: true });
  return seen(width, height, new Uint8Array(data));
}

/** Levels of red, green and blue in a committed picture. */
const LEVELS = 64;

/** Writes a picture as a PNG, with fewer levels of each colour: below 10 kB. */
export async function toPng({ width, height, rgb }: Seen): Promise<Uint8Array> {
  const step = 255 / (LEVELS - 1);
  const fewer = rgb.map((value) => Math.round(Math.round(value / step) * step));
  return new Uint8Array(
    await sharp(fewer, { raw: { width, height, channels: 3 } })
      .png({ compressionLevel: 9, adaptiveFiltering: false }).toBuffer(),
  );
}

/**
 * The distance of two pictures in CIELAB, square by square. A square's pixels are averaged first, as
 * an eye some way off does (what S-CIELAB does with filters: Zhang and Wandell 1997), so that
 * an edge that another renderer draws half a pixel aside counts for little. Pictures whose sizes
 * differ by more than a pixel are infinitely far apart.
 */
export function difference(a: Seen, b: Seen): Difference {
  if (Math.abs(a.width - b.width) > 1 || Math.abs(a.height - b.height) > 1) {
    return { worst: Infinity, mean: Infinity };
  }
  const [width, height] = [Math.min(a.width, b.width), Math.min(a.height, b.height)];
  let [worst, sum, squares] = [0, 0, 0];
  for (let y = 0; y + SQUARE <= height; y += STEP) {
    for (let x = 0; x + SQUARE <= width; x += STEP) {
      const [one, other] = [average(a, x, y), average(b, x, y)];
      const distance = Math.hypot(...one.map((value, i) => value - other[i]));
      worst = Math.max(worst, distance);
      sum += distance;
      squares++;
    }
  }
  return { worst, mean: sum / Math.max(1, squares) };
}

function average({ width, lab }: Seen, left: number, top: number): number[] {
  const sums = [0, 0, 0];
  for (let y = top; y < top + SQUARE; y++) {
    for (let x = left; x < left + SQUARE; x++) {
      for (let i = 0; i < 3; i++) sums[i] += lab[(y * width + x) * 3 + i];
    }
  }
  return sums.map((sum) => sum / SQUARE ** 2);
}

function seen(width: number, height: number, rgb: Uint8Array): Seen {
  const lab = new Float32Array(rgb.length);
  for (let i = 0; i < rgb.length; i += 3) lab.set(toLab(rgb[i], rgb[i + 1], rgb[i + 2]), i);
  return { width, height, rgb, lab };
}

/** sRGB (IEC 61966-2-1) of 8 bits to CIELAB, white point D65. */
export function toLab(red: number, green: number, blue: number): [number, number, number] {
  const [r, g, b] = [red, green, blue].map((value) => {
    const c = value / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  const [x, y, z] = [
    (0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047,
    0.2126729 * r + 0.7151522 * g + 0.072175 * b,
    (0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883,
  ].map((t) => t > 216 / 24389 ? Math.cbrt(t) : (24389 / 27 * t + 16) / 116);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}
