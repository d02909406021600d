import { random } from "../../base/random.ts";
import { tf } from "../../engine/tf.ts";
import type { Targets } from "../../vit/loss.ts";
import type { LoadedModel } from "../model.ts";
import type { TrainingImages } from "./images.ts";
import type { TrainParams } from "./params.ts";

/** What goes through the model at once. */
export interface StepBatch {
  readonly targets: Targets;
  /** Reads the images; the tensor is the caller's. */
  read(): Promise<tf.Tensor>;
  /** What was read, made into logits `[n, classes]`. */
  classify(input: tf.Tensor): tf.Tensor2D;
}

type Params = Pick<TrainParams, "batch_size" | "accumulate" | "shuffle">;

/**
 * Cuts each epoch's images into steps, and each step into batches. All follows from the seed, the
 * epoch and the step, so that a training can go on anywhere.
 */
export class StepBatches {
  /** Training images of an epoch. */
  readonly images: number;
  /** Steps of an epoch; the last may have fewer images. */
  readonly steps: number;
  /** Images of a step. */
  readonly stepImages: number;
  readonly #images: TrainingImages;
  readonly #model: LoadedModel;
  readonly #params: Params;
  readonly #seed: number;
  #order: { readonly epoch: number; readonly rows: Int32Array } | undefined;

  constructor(images: TrainingImages, model: LoadedModel, params: Params, seed: number) {
    this.#images = images;
    this.#model = model;
    this.#params = params;
    this.#seed = seed;
    this.images = images.train.length;
    this.stepImages = params.batch_size * params.accumulate;
    this.steps = Math.ceil(this.images / this.stepImages);
  }

  /** The batches of a step: as many as are accumulated, fewer at the end of an epoch. */
  of(epoch: number, step: number): StepBatch[] {
    const { batch_size: size, accumulate } = this.#params;
    const rows = this.#rows(epoch);
    const first = step * accumulate;
    const count = Math.min(accumulate, Math.ceil(this.images / size) - first);
    return Array.from({ length: count }, (_, i) => {
      const at = (first + i) * size;
      return this.#batch(rows.subarray(at, at + size));
    });
  }

  #batch(rows: Int32Array): StepBatch {
    return {
      targets: { labels: this.#model.toOwn(this.#images.labels(rows)) },
      read: () => this.#images.read(rows),
      classify: (input) => this.#images.classify(this.#model.vit, input),
    };
  }

  /** Rows of the pool in the order of an epoch. */
  #rows(epoch: number): Int32Array {
    if (this.#order?.epoch !== epoch) {
      const rows = this.#images.train.slice();
      if (this.#params.shuffle) random(this.#seed, `train epoch ${epoch}`).shuffle(rows);
      this.#order = { epoch, rows };
    }
    return this.#order.rows;
  }
}
