import { Interrupted } from "../../base/errors.ts";
import { valuesOf } from "../../engine/values.ts";
import { score } from "../../vit/loss.ts";
import type { LoadedClassifier } from "../model.ts";
import type { TrainingImages } from "./images.ts";

/** Images that are scored at once; no result depends on it. */
const BATCH = 256;

/** What a model scores on some images. */
export interface Score {
  /** Mean cross-entropy, nats; never smoothed. */
  readonly loss: number;
  readonly accuracy: number;
}

/**
 * Scores the model as it stands, with nothing random, on these rows of the pool.
 *
 * @param onBatch Called with the number of images done so far.
 * @returns null where there are no rows.
 */
export async function measure(
  model: LoadedClassifier,
  images: TrainingImages,
  rows: Int32Array,
  signal: AbortSignal,
  onBatch: (done: number) => void,
): Promise<Score | null> {
  if (rows.length === 0) return null;
  let loss = 0;
  let correct = 0;
  for (let at = 0; at < rows.length; at += BATCH) {
    if (signal.aborted) throw new Interrupted();
    const some = rows.subarray(at, at + BATCH);
    const input = await images.read(some);
    let values: Float32Array;
    try {
      values = await valuesOf(() => images.classify(model.model, input));
    } finally {
      input.dispose();
    }
    const part = score(values, model.toOwn(images.labels(some)));
    loss += part.loss;
    correct += part.correct;
    onBatch(at + some.length);
    // The engine blocks; a macrotask lets Ctrl-C through.
    await new Promise((resolve) => setTimeout(resolve));
  }
  return { loss: loss / rows.length, accuracy: correct / rows.length };
}
