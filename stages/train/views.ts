import { random } from "../../base/random.ts";
import { Augmenter } from "../../data/augment.ts";
import { drawMix, type Mix, mixImages } from "../../data/augment_mix.ts";
import { PixelBatches } from "../../data/batches.ts";
import { tf } from "../../engine/tf.ts";
import { type DatasetFile, POOL } from "../preprocess/files.ts";
import type { Artifact } from "../stage.ts";
import { transformOf } from "../transform.ts";
import { augments, type TrainParams } from "./params.ts";

type Settings = TrainParams["augment"];

/**
 * Training images as a step gets them where they are augmented: their pixels, which go through the
 * frozen part too. What is stored of that part is of the images as they are.
 */
export class AugmentedViews implements Disposable {
  readonly #images: PixelBatches;
  readonly #augmenter: Augmenter;
  readonly #settings: Settings;
  readonly #seed: number;

  private constructor(
    images: PixelBatches,
    augmenter: Augmenter,
    settings: Settings,
    seed: number,
  ) {
    this.#images = images;
    this.#augmenter = augmenter;
    this.#settings = settings;
    this.#seed = seed;
  }

  /** @returns undefined where all is off. */
  static async open(
    data: Artifact,
    dataset: DatasetFile,
    context: { readonly params: Pick<TrainParams, "augment">; readonly seed: number },
  ): Promise<AugmentedViews | undefined> {
    if (!augments(context.params)) return undefined;
    const { params: { augment: settings }, seed } = context;
    const options = transformOf(dataset);
    const images = await PixelBatches.open(data.file(POOL), options);
    const { from } = images.transform;
    const { resample } = dataset.transform;
    const augmenter = new Augmenter(settings, { ...options, from }, resample, seed);
    return new AugmentedViews(images, augmenter, settings, seed);
  }

  /** What is mixed in a batch. @param batch Counts from 0 in each epoch. */
  mix(images: number, epoch: number, batch: number): Mix | undefined {
    const stream = random(this.#seed, `mix epoch ${epoch} batch ${batch}`);
    return drawMix(images, this.#augmenter.size, this.#settings, stream);
  }

  /** The images in these rows of the pool: `[n, height, width, 3]`. */
  read(rows: Int32Array, epoch: number, mix: Mix | undefined): tf.Tensor4D {
    const { size } = this.#augmenter;
    const pixels = this.#augmenter.apply(this.#images.readRaw(rows), rows, epoch);
    return tf.tensor4d(
      mix ? mixImages(pixels, size, mix) : pixels,
      [rows.length, size.height, size.width, 3],
    );
  }

  [Symbol.dispose](): void {
    this.#images[Symbol.dispose]();
  }
}
