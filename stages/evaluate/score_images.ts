import { Interrupted, UserError } from "../../base/errors.ts";
import type { PixelBatches } from "../../data/batches.ts";
import { tf } from "../../engine/tf.ts";
import { valuesOf } from "../../engine/values.ts";
import { score } from "../../vit/loss.ts";
import type { LoadedClassifier } from "../model.ts";

/** Images that go through the model at once; no result depends on it. */
const BATCH = 64;

/** What a model made of all test images. */
export interface Scored {
  /** `[images, classes]`, row by row. */
  readonly logits: Float32Array;
  /** Class of each image, as the model counts them. */
  readonly labels: Int32Array;
  /** Sum of the cross-entropy over all images, nats. */
  readonly loss: number;
  readonly correct: number;
}

/**
 * Runs the whole model on every test image.
 *
 * @param change Makes an image that is scored in an image's place, `[height, width, 3]`, normalised.
 * @param onBatch Called with the number of images done.
 * @throws {UserError} if the logits are no finite numbers.
 */
export async function scoreImages(
  { model, classes, toOwn }: LoadedClassifier,
  images: PixelBatches,
  signal: AbortSignal,
  onBatch: (done: number) => void,
  change?: (image: Float32Array, index: number) => Float32Array,
): Promise<Scored> {
  const { height, width } = images.size;
  const { count } = images;
  const logits = new Float32Array(count * classes.length);
  const labels = new Int32Array(count);
  let [loss, correct] = [0, 0];
  for (let at = 0; at < count; at += BATCH) {
    if (signal.aborted) throw new Interrupted();
    const size = Math.min(BATCH, count - at);
    const rows = Int32Array.from({ length: size }, (_, i) => at + i);
    const batch = images.read(rows);
    if (change) {
      const length = height * width * 3;
      for (let i = 0; i < size; i++) {
        const image = batch.pixels.subarray(i * length, (i + 1) * length);
        image.set(change(image, at + i));
      }
    }
    const some = await valuesOf(() =>
      model.forward(tf.tensor4d(batch.pixels, [size, height, width, 3]))
    );
    if (!some.every(Number.isFinite)) {
      throw new UserError(
        `Cannot score image ${at} and those beside it: the model's logits are no finite numbers`,
        { hint: "Its weights are spoilt; train it again with a lower learning rate" },
      );
    }
    logits.set(some, at * classes.length);
    const own = toOwn(batch.labels);
    labels.set(own, at);
    const part = score(some, own);
    loss += part.loss;
    correct += part.correct;
    onBatch(at + size);
    // The engine blocks; a macrotask lets Ctrl-C through.
    await new Promise((resolve) => setTimeout(resolve));
  }
  return { logits, labels, loss, correct };
}
