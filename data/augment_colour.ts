import type { Random } from "../base/random.ts";

/** How far each property of the colours may move. */
export interface JitterRanges {
  /** Factors from 1 - x (at least 0) to 1 + x; 0: as it is. */
  readonly brightness: number;
  readonly contrast: number;
  readonly saturation: number;
  /** Turns of the colour circle from -x to x, at most 0.5; 0: as it is. */
  readonly hue: number;
}

/** In the order in which torchvision draws them. */
const CHANGES = { brightness, contrast, saturation, hue } as const;

/**
 * Changes brightness, contrast, saturation and hue by random factors and in random order, as
 * torchvision's `ColorJitter` does with images of Pillow.
 * @param image RGB, `[pixels, 3]`, changed in place.
 */
export function jitter(image: Uint8Array, ranges: JitterRanges, random: Random): void {
  const order = random.shuffle(Object.keys(CHANGES) as (keyof JitterRanges)[]);
  for (const property of order) {
    const range = ranges[property];
    if (range === 0) continue;
    const low = property === "hue" ? -range : Math.max(0, 1 - range);
    const high = property === "hue" ? range : 1 + range;
    CHANGES[property](image, low + (high - low) * random.uniform());
  }
}

/** Pillow's `ImageEnhance.Brightness`: 0 is black, 1 the image as it is. */
export function brightness(image: Uint8Array, factor: number): void {
  blend(image, () => 0, factor);
}

/** Pillow's `ImageEnhance.Contrast`: 0 is the mean grey everywhere, 1 the image as it is. */
export function contrast(image: Uint8Array, factor: number): void {
  let sum = 0;
  for (let i = 0; i < image.length; i += 3) sum += greyOf(image, i);
  const mean = Math.floor(sum / (image.length / 3) + 0.5);
  blend(image, () => mean, factor);
}

/** Pillow's `ImageEnhance.Color`: 0 is grey, 1 the image as it is. */
export function saturation(image: Uint8Array, factor: number): void {
  blend(image, greyOf, factor);
}

/**
 * Turns the colours, as torchvision's `adjust_hue` with Pillow's HSV of 8 bits.
 * @param turns Part of a whole turn, from -0.5 to 0.5.
 */
export function hue(image: Uint8Array, turns: number): void {
  const by = Math.trunc(turns * 255);
  for (let i = 0; i < image.length; i += 3) {
    const [h, s, v] = hsvOf(image[i], image[i + 1], image[i + 2]);
    image.set(rgbOf((h + by) & 255, s, v), i);
  }
}

/** Luma as Pillow's `convert("L")`. */
function greyOf(image: Uint8Array, at: number): number {
  return (19595 * image[at] + 38470 * image[at + 1] + 7471 * image[at + 2] + 0x8000) >> 16;
}

/** Pillow's `ImagingBlend` from a degenerate image: in float32, clipped, cut to a whole number. */
function blend(
  image: Uint8Array,
  degenerate: (image: Uint8Array, at: number) => number,
  factor: number,
): void {
  const alpha = Math.fround(factor);
  for (let i = 0; i < image.length; i += 3) {
    const from = degenerate(image, i);
    for (let c = i; c < i + 3; c++) {
      const value = Math.fround(from + Math.fround(alpha * (image[c] - from)));
      image[c] = value <= 0 ? 0 : value >= 255 ? 255 : value;
    }
  }
}

/** Pillow's `rgb2hsv_row` (Convert.c): three times 8 bits. */
function hsvOf(r: number, g: number, b: number): [number, number, number] {
  const max = Math.max(r, g, b);
  const min = Math.min(r, g, b);
  if (max === min) return [0, 0, max];
  const range = max - min;
  const share = (channel: number) => Math.fround((max - channel) / range);
  const [rc, gc, bc] = [share(r), share(g), share(b)];
  const h = Math.fround(r === max ? bc - gc : g === max ? 2 + rc - bc : 4 + gc - rc);
  const turn = Math.fround((h / 6 + 1) % 1);
  const saturation = Math.fround(range / max);
  return [Math.trunc(turn * 255), Math.trunc(saturation * 255), max];
}

/** Pillow's `hsv2rgb` (Convert.c). */
function rgbOf(h: number, s: number, v: number): [number, number, number] {
  if (s === 0) return [v, v, v];
  const sixth = Math.floor(h * 6 / 255);
  const rest = Math.fround(h * 6 / 255 - sixth);
  const share = Math.fround(s / 255);
  const p = Math.round(v * (1 - share));
  const q = Math.round(v * (1 - Math.fround(share * rest)));
  const t = Math.round(v * (1 - share * (1 - rest)));
  const faces = [[v, t, p], [q, v, p], [p, v, t], [p, q, v], [t, p, v], [v, p, q]];
  return faces[sixth % 6] as [number, number, number];
}
