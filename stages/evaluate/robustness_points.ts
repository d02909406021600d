import { wilson } from "../../base/statistics.ts";
import type { AccuracyPoint } from "../../figures/accuracy_lines.ts";
import type { RobustnessFile } from "./files.ts";

/**
 * A model's accuracy on changed images as points of figures.
 * @param label What the model is called there.
 */
export function pointsOf(
  { images, shift, shuffle_patches }: RobustnessFile,
  label: string,
): {
  shifts: AccuracyPoint[];
  patches: AccuracyPoint[];
  /** Patches of an image by their side. */
  counts: Map<number, number>;
} {
  const point = (x: number, { accuracy, correct }: { accuracy: number; correct: number }) => ({
    label,
    x,
    accuracy,
    interval: wilson(correct, images),
  });
  return {
    shifts: shift.map((row) => point(row.pixels, row)),
    patches: shuffle_patches.map((row) => point(row.patch_size, row)),
    counts: new Map(shuffle_patches.map((row) => [row.patch_size, row.patches])),
  };
}
