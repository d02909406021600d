import type { Random } from "../base/random.ts";
import type { Box } from "./augment_crop.ts";
import type { Size } from "./resample.ts";

/** How images of a batch are mixed: parameters of symmetric beta distributions; 0: off. */
export interface MixSettings {
  /** mixup (Zhang et al. 2018): every pixel is the mean of two. */
  readonly mixup: number;
  /** CutMix (Yun et al. 2019): a rectangle comes from the other image. */
  readonly cutmix: number;
}

/** What is mixed into what in one batch. */
export interface Mix {
  /** Place in the batch of the image that is mixed into each. */
  readonly partners: Int32Array;
  /** How much of each image stays: the weight of its own class. */
  readonly share: number;
  /** What comes from the partner; undefined: something everywhere. */
  readonly box?: Box;
}

/**
 * Draws how a batch is mixed. Where both are on, one of them with equal chances, as in torchvision's
 * recipes. Partners are a random order of the batch (so that images in the order of their classes
 * meet others, too); one may be mixed with itself.
 *
 * @returns undefined where both are off.
 */
export function drawMix(
  images: number,
  size: Size,
  { mixup, cutmix }: MixSettings,
  random: Random,
): Mix | undefined {
  if (mixup === 0 && cutmix === 0) return undefined;
  const cuts = cutmix > 0 && (mixup === 0 || random.below(2) === 0);
  const share = drawShare(cuts ? cutmix : mixup, random);
  const partners = random.shuffle(Int32Array.from({ length: images }, (_, i) => i));
  if (!cuts) return { partners, share };
  const box = drawBox(size, share, random);
  // The share of what is really left: the rectangle may reach over the edge.
  return { partners, box, share: 1 - (box.height * box.width) / (size.height * size.width) };
}

/**
 * A rectangle of `1 - share` of the area around a point drawn evenly, less what lies outside the
 * image, as torchvision's `CutMix`.
 */
export function drawBox({ height, width }: Size, share: number, random: Random): Box {
  const x = random.below(width);
  const y = random.below(height);
  const half = 0.5 * Math.sqrt(1 - share);
  const [across, down] = [Math.trunc(half * width), Math.trunc(half * height)];
  const [left, top] = [Math.max(0, x - across), Math.max(0, y - down)];
  return {
    top,
    left,
    height: Math.min(height, y + down) - top,
    width: Math.min(width, x + across) - left,
  };
}

/**
 * Mixes the images of a batch, in float32.
 * @param pixels `[n, height, width, 3]`; stays as it is.
 * @returns The same shape.
 */
export function mixImages(pixels: Float32Array, size: Size, mix: Mix): Float32Array<ArrayBuffer> {
  const { partners, share, box } = mix;
  const mixed = new Float32Array(pixels);
  const image = size.height * size.width * 3;
  const [keep, take] = [Math.fround(share), Math.fround(1 - share)];
  for (const [i, partner] of partners.entries()) {
    const [to, from] = [i * image, partner * image];
    if (box) {
      for (let y = box.top; y < box.top + box.height; y++) {
        const at = (y * size.width + box.left) * 3;
        mixed.set(pixels.subarray(from + at, from + at + box.width * 3), to + at);
      }
    } else {
      for (let k = 0; k < image; k++) {
        mixed[to + k] = Math.fround(keep * pixels[to + k]) + Math.fround(take * pixels[from + k]);
      }
    }
  }
  return mixed;
}

/** Draws from Beta(alpha, alpha): a / (a + b) of two gamma-distributed numbers. */
export function drawShare(alpha: number, random: Random): number {
  const [a, b] = [logGamma(alpha, random), logGamma(alpha, random)];
  return 1 / (1 + Math.exp(b - a));
}

/**
 * Logarithm of a number drawn from Gamma(alpha, 1) (Marsaglia and Tsang 2000). For alpha below 1 from
 * Gamma(alpha + 1) times U^(1 / alpha), which a small alpha makes smaller than any 64-bit float.
 */
function logGamma(alpha: number, random: Random): number {
  if (alpha < 1) return logGamma(alpha + 1, random) + Math.log(1 - random.uniform()) / alpha;
  const d = alpha - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  while (true) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    if (Math.log(1 - random.uniform()) < 0.5 * x * x + d * (1 - v + Math.log(v))) {
      return Math.log(d) + Math.log(v);
    }
  }
}
