import { random } from "../../base/random.ts";
import type { tf } from "../../engine/tf.ts";
import type { Targets } from "../../vit/loss.ts";
import type { LoadedClassifier } from "../model.ts";
import type { TrainingImages } from "./images.ts";
import type { TrainParams } from "./params.ts";
import type { AugmentedViews } from "./views.ts";

/** What goes through the model at once. */
export interface StepBatch {
  readonly targets: Targets;
  /** Reads the images; the tensor is the caller's. */
  read(): Promise<tf.Tensor>;
  /** What was read, made into logits `[n, classes]`. */
  classify(input: tf.Tensor): tf.Tensor2D;
}

/** The seed may be read only where something is drawn: elsewhere it is no part of the key. */
interface Settings {
  readonly params: Pick<TrainParams, "batch_size" | "accumulate" | "shuffle">;
  readonly seed: number;
}

/**
 * Cuts each epoch's images into steps, and each step into batches. All follows from the seed, the
 * epoch and the step, so that a training can go on anywhere.
 *
 * A batch is read when its turn comes, not ahead on a thread of its own. Of a step's time on two cores
 * with the model in the box, reading a batch and handing it to the engine takes at most 3% from stored
 * activations (one block trains above them; 1% with two), and 2% with all that `augment` can do.
 */
export class StepBatches {
  /** Training images of an epoch. */
  readonly images: number;
  /** Steps of an epoch; the last may have fewer images. */
  readonly steps: number;
  /** Images of a step. */
  readonly stepImages: number;
  readonly #images: TrainingImages;
  readonly #views: AugmentedViews | undefined;
  readonly #model: LoadedClassifier;
  readonly #settings: Settings;
  #order: { readonly epoch: number; readonly rows: Int32Array } | undefined;

  /** @param views Where images are augmented; else they are read as they are measured. */
  constructor(
    images: TrainingImages,
    views: AugmentedViews | undefined,
    model: LoadedClassifier,
    settings: Settings,
  ) {
    const { params } = settings;
    this.#images = images;
    this.#views = views;
    this.#model = model;
    this.#settings = settings;
    this.images = images.train.length;
    this.stepImages = params.batch_size * params.accumulate;
    this.steps = Math.ceil(this.images / this.stepImages);
  }

  /** The batches of a step: as many as are accumulated, fewer at the end of an epoch. */
  of(epoch: number, step: number): StepBatch[] {
    const { batch_size: size, accumulate } = this.#settings.params;
    const rows = this.#rows(epoch);
    const first = step * accumulate;
    const count = Math.min(accumulate, Math.ceil(this.images / size) - first);
    return Array.from({ length: count }, (_, i) => {
      const at = (first + i) * size;
      const batch = rows.subarray(at, at + size);
      return this.#views
        ? this.#augmented(this.#views, batch, epoch, first + i)
        : this.#plain(batch);
    });
  }

  #plain(rows: Int32Array): StepBatch {
    return {
      targets: { labels: this.#labels(rows) },
      read: () => this.#images.read(rows),
      classify: (input) => this.#images.classify(this.#model.model, input),
    };
  }

  #augmented(views: AugmentedViews, rows: Int32Array, epoch: number, batch: number): StepBatch {
    const labels = this.#labels(rows);
    const mix = views.mix(rows.length, epoch, batch);
    const mixed = mix &&
      { labels: mix.partners.map((partner) => labels[partner]), share: mix.share };
    return {
      targets: mixed ? { labels, mixed } : { labels },
      read: () => Promise.resolve(views.read(rows, epoch, mix)),
      classify: (input) => this.#model.model.forward(input as tf.Tensor4D),
    };
  }

  /** Classes as the model counts them. */
  #labels(rows: Int32Array): Int32Array {
    return this.#model.toOwn(this.#images.labels(rows));
  }

  /** Rows of the pool in the order of an epoch. */
  #rows(epoch: number): Int32Array {
    if (this.#order?.epoch !== epoch) {
      const rows = this.#images.train.slice();
      if (this.#settings.params.shuffle) {
        random(this.#settings.seed, `train epoch ${epoch}`).shuffle(rows);
      }
      this.#order = { epoch, rows };
    }
    return this.#order.rows;
  }
}
