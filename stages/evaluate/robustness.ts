import { random } from "../../base/random.ts";
import type { PixelBatches } from "../../data/batches.ts";
import { DIRECTIONS, shift, shufflePatches } from "../../data/perturb.ts";
import type { LoadedClassifier } from "../model.ts";
import type { StageContext } from "../stage.ts";
import type { RobustnessFile } from "./files.ts";
import type { EvaluateParams } from "./mod.ts";
import { scoreImages } from "./score_images.ts";

/**
 * Scores a model on changed test images. An image is moved in the same direction at every distance:
 * one of four, drawn from the seed; its patches change places by a draw of their own for each size.
 */
export async function measureRobustness(
  perturb: NonNullable<EvaluateParams["perturb"]>,
  model: LoadedClassifier,
  images: PixelBatches,
  { seed, signal, report }: Pick<StageContext, "seed" | "signal" | "report">,
): Promise<RobustnessFile> {
  const { size, count } = images;
  const shifts = ascending(perturb.shift);
  const sides = ascending(perturb.shuffle_patches);
  const total = (shifts.length + sides.length) * count;
  let before = 0;
  const measure = async (
    what: string,
    change: (image: Float32Array, index: number) => Float32Array,
  ) => {
    const onBatch = (done: number) => report.progress(before + done, total, "images", what);
    const { loss, correct } = await scoreImages(model, images, signal, onBatch, change);
    before += count;
    return { correct, accuracy: correct / count, loss: loss / count };
  };
  const directions = Array.from(
    { length: count },
    (_, index) => DIRECTIONS[random(seed, `shift ${index}`).below(DIRECTIONS.length)],
  );
  const file: RobustnessFile = { images: count, shift: [], shuffle_patches: [] };
  for (const pixels of shifts) {
    const scored = await measure(`moved by ${pixels}`, (image, index) => {
      const [across, down] = directions[index];
      return shift(image, size, across * pixels, down * pixels);
    });
    file.shift.push({ pixels, ...scored });
  }
  for (const side of sides) {
    const scored = await measure(
      `patches of ${side}`,
      (image, index) => shufflePatches(image, size, side, random(seed, `shuffle ${side} ${index}`)),
    );
    const patches = size.height / side * (size.width / side);
    file.shuffle_patches.push({ patch_size: side, patches, ...scored });
  }
  return file;
}

function ascending(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}
