import { Interrupted } from "../../base/errors.ts";
import type { tf } from "../../engine/tf.ts";
import { valuesOf } from "../../engine/values.ts";
import { scaleAndShift, summaryTokens, tokensRead } from "../../vit/head.ts";
import type { VisionTransformer } from "../../vit/model.ts";
import type { StageContext } from "../stage.ts";
import type { TrainingImages } from "../train/images.ts";

/** Images that go through the model at once; part of nothing that is published. */
const BATCH = 64;

/** Numbers that a model's head reads of an image. */
export function widthOf({ config }: VisionTransformer): number {
  return summaryTokens(config) * config.hiddenSize;
}

/**
 * What the model's head reads of images, after the final norm.
 *
 * @param images Stored activations where there are some, else pixels.
 * @param stored Blocks below the stored activations; undefined: there are none.
 * @param onBatch Called with the number of images done.
 * @returns `[n, width]`.
 */
export async function represent(
  images: TrainingImages,
  rows: Int32Array,
  vit: VisionTransformer,
  stored: number | undefined,
  { signal }: Pick<StageContext, "signal">,
  onBatch: (done: number) => void,
): Promise<Float32Array> {
  const width = widthOf(vit);
  const features = new Float32Array(rows.length * width);
  for (let at = 0; at < rows.length; at += BATCH) {
    if (signal.aborted) throw new Interrupted();
    const some = rows.subarray(at, at + BATCH);
    const input = await images.read(some);
    features.set(await valuesOf(() => headInput(vit, input, stored)), at * width);
    input.dispose();
    onBatch(at + some.length);
    // The engine blocks; a macrotask lets Ctrl-C through.
    await new Promise((resolve) => setTimeout(resolve));
  }
  return features;
}

function headInput(
  vit: VisionTransformer,
  input: tf.Tensor,
  stored: number | undefined,
): tf.Tensor {
  const { config } = vit;
  const x = stored === undefined ? vit.embed(input as tf.Tensor4D) : input as tf.Tensor3D;
  const summary = stored === config.blocks
    ? x
    : vit.summarise(vit.blocks(x, stored ?? 0, config.blocks));
  // Where the head reads all tokens the summary is normalised already, but for scale and shift.
  const normal = tokensRead(config) === undefined
    ? scaleAndShift(summary, config, vit.tensor)
    : vit.norm(summary);
  return normal.reshape([input.shape[0], widthOf(vit)]);
}
