import type { PixelBatches } from "../../data/batches.ts";
import { tf } from "../../engine/tf.ts";
import { valuesOf } from "../../engine/values.ts";
import { centredGram, cka } from "../../vit/cka.ts";
import { prefixTokens } from "../../vit/config.ts";
import type { VisionTransformer } from "../../vit/model.ts";
import { movementOf } from "../../vit/movement.ts";
import type { MovementFile } from "./movement_file.ts";

/** Below so many images the unbiased estimate of likeness has nothing to divide by. */
const FEWEST = 4;

/**
 * Compares a model with what it was before fine-tuning: its weights part by part, and what each
 * block computes of the same images.
 *
 * @param rows Which test images.
 * @param batch How many of them at once.
 * @param pause Called after each batch with the number of images done; throws where work is to stop.
 */
export async function compareWithBefore(
  before: VisionTransformer,
  after: VisionTransformer,
  images: PixelBatches,
  rows: readonly number[],
  batch: number,
  pause: (done: number) => Promise<void>,
): Promise<MovementFile> {
  const weights = movementOf(await before.download(), await after.download());
  const places = [
    "embeddings",
    ...Array.from({ length: after.config.blocks }, (_, i) => `block ${i}`),
  ];
  const used = rows.length >= FEWEST ? rows : [];
  const seen = [before, after].map(() => places.map(() => emptyPlace()));
  for (let at = 0; at < used.length; at += batch) {
    const some = Int32Array.from(used.slice(at, at + batch));
    const { pixels } = images.read(some);
    for (const [m, model] of [before, after].entries()) {
      const places = await represent(model, pixels, some.length);
      places.forEach(({ classToken, patches }, place) => {
        seen[m][place].classToken.push(...classToken);
        seen[m][place].patches.push(...patches);
      });
    }
    await pause(at + some.length);
  }
  const alike = (which: "classToken" | "patches") => {
    if (used.length === 0) return [];
    const [rows, columns] = seen.map((model) =>
      model.map((place) => centredGram(place[which], used.length))
    );
    return rows.map((x) => columns.map((y) => cka(x, y)));
  };
  return {
    weights,
    images: used.length,
    after: places,
    class_token: alike("classToken"),
    patches: alike("patches"),
  };
}

/** What an image is represented by at one place, image after image. */
interface Place {
  readonly classToken: number[];
  readonly patches: number[];
}

const emptyPlace = (): Place => ({ classToken: [], patches: [] });

/** The class token and the mean of the patches, each `[n, D]`, after the embeddings and every block. */
async function represent(model: VisionTransformer, pixels: Float32Array, n: number) {
  const { imageSize: [height, width], hiddenSize, blocks } = model.config;
  const prefix = prefixTokens(model.config);
  const places: Record<keyof Place, Float32Array>[] = [];
  let x = tf.tidy(() => model.embed(tf.tensor4d(pixels, [n, height, width, 3])));
  for (let block = 0;; block++) {
    places.push({
      classToken: await valuesOf(() => x.slice([0, 0, 0], [n, 1, hiddenSize])),
      patches: await valuesOf(() => x.slice([0, prefix, 0], [n, -1, hiddenSize]).mean(1)),
    });
    const below = x;
    if (block < blocks) x = model.blocks(below, block, block + 1);
    below.dispose();
    if (block === blocks) return places;
  }
}
