import type { TrainParams } from "../params.ts";
import { number, percent } from "./words.ts";

/** What was done to training images at random. */
export function augmentationInWords(
  { crop, flip, jitter, mixup, cutmix }: TrainParams["augment"],
): string {
  const parts: string[] = [];
  if (crop) {
    const [low, high] = crop.scale.map((share) => percent(share, 0));
    const [narrow, wide] = crop.ratio.map(number);
    parts.push(
      `random crops of ${low} to ${high} of the area, width by height from ${narrow} to ${wide}`,
    );
  }
  if (flip > 0) parts.push(`mirrored with probability ${flip}`);
  if (jitter) {
    const { brightness, contrast, saturation, hue } = jitter;
    parts.push(
      `brightness, contrast, saturation and hue moved by up to ${brightness}, ${contrast}, ` +
        `${saturation} and ${hue}`,
    );
  }
  if (mixup > 0) parts.push(`mixup with alpha ${mixup}`);
  if (cutmix > 0) parts.push(`CutMix with alpha ${cutmix}`);
  if (mixup > 0 && cutmix > 0) parts.push("one of these two by chance in each batch");
  return parts.length === 0 ? "none: every image as it is" : parts.join("; ");
}
