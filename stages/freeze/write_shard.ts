import { PixelBatches } from "../../data/batches.ts";
import { FeatureWriter } from "../../data/features.ts";
import { tf } from "../../engine/tf.ts";
import { valuesOf } from "../../engine/values.ts";
import type { VisionTransformer } from "../../vit/model.ts";
import { loadModel } from "../model.ts";
import { POOL } from "../preprocess/files.ts";
import type { StageContext } from "../stage.ts";
import { transformOf } from "../transform.ts";
import type { FreezeParams } from "./mod.ts";
import { BATCH, type FeaturePlan } from "./plan.ts";
import { openTrunk, type Trunk } from "./trunk.ts";

type Context = StageContext<FreezeParams, "data" | "model">;

/** A stretch of the pool's images, and the file of their activations. */
export interface Shard {
  readonly file: string;
  readonly first: number;
  readonly count: number;
}

/** Model and images, loaded to compute shards. */
export class ShardWriter implements Disposable {
  readonly #plan: FeaturePlan;
  readonly #vit: VisionTransformer;
  readonly #trunk: Trunk;
  readonly #images: PixelBatches;
  readonly #stack: DisposableStack;

  private constructor(
    plan: FeaturePlan,
    { vit, trunk, images }: { vit: VisionTransformer; trunk: Trunk; images: PixelBatches },
    stack: DisposableStack,
  ) {
    this.#plan = plan;
    this.#vit = vit;
    this.#trunk = trunk;
    this.#images = images;
    this.#stack = stack;
  }

  static async open({ inputs }: Context, plan: FeaturePlan): Promise<ShardWriter> {
    using stack = new DisposableStack();
    const { vit } = stack.use(await loadModel(inputs.model, plan.dataset.classes));
    const trunk = stack.use(openTrunk(vit, plan));
    const transform = transformOf(plan.dataset);
    const images = stack.use(await PixelBatches.open(inputs.data.file(POOL), transform));
    return new ShardWriter(plan, { vit, trunk, images }, stack.move());
  }

  /**
   * Computes a shard into a file.
   * @param onBatch Called with the number of images after each batch.
   */
  async write(
    { first, count }: Shard,
    path: string,
    onBatch: (images: number) => Promise<void>,
  ): Promise<void> {
    const plan = this.#plan;
    const writer = await FeatureWriter.create(path, { ...plan, images: count });
    try {
      for (let at = first; at < first + count; at += BATCH) {
        const size = Math.min(BATCH, first + count - at);
        writer.write(await activationsOf(this.#vit, this.#trunk, this.#images, plan, at, size));
        await onBatch(size);
      }
      await writer.close();
    } catch (error) {
      writer.abandon();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }
}

/**
 * Activations of `size` images from row `first` of the pool on: `[size, tokens, width]`.
 *
 * The images are not read ahead on a thread of their own: the engine waits 1.6% of the time for them to be
 * read, made into numbers and written (the model in the box, two cores; larger models less).
 */
function activationsOf(
  vit: VisionTransformer,
  trunk: Trunk,
  images: PixelBatches,
  { prefix }: FeaturePlan,
  first: number,
  size: number,
): Promise<Float32Array> {
  const { height, width } = images.size;
  const { pixels } = images.read(Int32Array.from({ length: size }, (_, i) => first + i));
  return valuesOf(() => {
    const x = vit.embed(tf.tensor4d(pixels, [size, height, width, 3]));
    const y = trunk.apply(x);
    return prefix.tokens === "summary" ? vit.summarise(y) : y;
  });
}
