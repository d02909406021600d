import { statfs } from "node:fs/promises";
import { formatEstimate } from "../../base/duration.ts";
import { Interrupted, UserError } from "../../base/errors.ts";
import { PixelBatches } from "../../data/batches.ts";
import { FeatureWriter, shardName } from "../../data/features.ts";
import { tf } from "../../engine/tf.ts";
import { valuesOf } from "../../engine/values.ts";
import type { VisionTransformer } from "../../vit/model.ts";
import { loadModel } from "../model.ts";
import { POOL } from "../preprocess/files.ts";
import type { CachedRequest, StageContext } from "../stage.ts";
import { startOverIfOther } from "../start_over.ts";
import { transformOf } from "../transform.ts";
import type { FreezeParams } from "./mod.ts";
import { BATCH, type FeaturePlan } from "./plan.ts";
import { openTrunk, requireBfloat16, type Trunk } from "./trunk.ts";

type Context = StageContext<FreezeParams, "data" | "model">;

/**
 * Computes the activations shard by shard. A shard that is done is kept in the checkpoint, so that a
 * kill loses at most the one in hand.
 */
export async function computeShards(
  context: Context,
  plan: FeaturePlan,
  { output, checkpoint }: Parameters<CachedRequest["build"]>[0],
): Promise<void> {
  const { inputs, report } = context;
  const shards = Array.from({ length: Math.ceil(plan.images / plan.shard) }, (_, index) => ({
    name: shardName(index),
    first: index * plan.shard,
    count: Math.min(plan.shard, plan.images - index * plan.shard),
  }));
  const engine = await context.engine();
  if (plan.precision === "bfloat16") requireBfloat16(engine);
  await startOverIfOther(engine, checkpoint, report, "shards");
  const missing: typeof shards = [];
  for (const shard of shards) {
    if (await checkpoint.load(shard.name) === undefined) missing.push(shard);
  }
  const toDo = missing.reduce((sum, { count }) => sum + count, 0);
  await refuseIfFull(output.path, plan, toDo);
  if (toDo < plan.images) {
    report.resumed(`${shards.length - missing.length} of ${shards.length} shards`);
  }

  if (missing.length > 0) {
    using model = await loadModel(inputs.model, plan.dataset.classes);
    using trunk = openTrunk(model.vit, plan);
    using images = await PixelBatches.open(inputs.data.file(POOL), transformOf(plan.dataset));
    const meter = new Meter(context, plan, toDo);
    for (const { name, first, count } of missing) {
      await checkpoint.save(name, async (path) => {
        const writer = await FeatureWriter.create(path, { ...plan, images: count });
        try {
          for (let at = first; at < first + count; at += BATCH) {
            const size = Math.min(BATCH, first + count - at);
            writer.write(activationsOf(model.vit, trunk, images, plan, at, size));
            await meter.add(size);
          }
          await writer.close();
        } catch (error) {
          writer.abandon();
          throw error;
        }
      });
    }
  }
  for (const { name } of shards) {
    await output.take(`features/${name}`, (await checkpoint.load(name))!);
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
): Float32Array {
  const { height, width } = images.size;
  const { pixels } = images.read(Int32Array.from({ length: size }, (_, i) => first + i));
  return valuesOf(() => {
    const x = vit.embed(tf.tensor4d(pixels, [size, height, width, 3]));
    const y = trunk.apply(x);
    return prefix.tokens === "summary" ? vit.summarise(y) : y;
  });
}

/** Tells how far it is, and early on how long the whole will take. */
class Meter {
  readonly #context: Context;
  readonly #plan: FeaturePlan;
  readonly #total: number;
  #done = 0;
  #batches = 0;
  #started = 0;

  constructor(context: Context, plan: FeaturePlan, total: number) {
    this.#context = context;
    this.#plan = plan;
    this.#total = total;
  }

  async add(images: number): Promise<void> {
    const { report, signal } = this.#context;
    this.#done += images;
    this.#batches++;
    // The first batch warms the engine up; the next two tell.
    if (this.#batches === 1) this.#started = performance.now();
    if (this.#batches === 3) {
      const seconds = (performance.now() - this.#started) / (2 * BATCH) * this.#total / 1000;
      report.line(
        `activations of ${this.#total.toLocaleString("en-GB")} images: ${
          megabytes(this.#total * this.#plan.imageBytes)
        } on disk, about ${formatEstimate(seconds)}`,
      );
    }
    report.progress(this.#done, this.#total, "images");
    // The engine blocks; a macrotask lets Ctrl-C through.
    await new Promise((resolve) => setTimeout(resolve));
    if (signal.aborted) throw new Interrupted();
  }
}

/** Says before the work that the disk is too small for it. */
async function refuseIfFull(folder: string, plan: FeaturePlan, images: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const needed = images * plan.imageBytes;
  if (free > needed * 1.05) return;
  throw new UserError(
    `Cannot keep the activations of ${images.toLocaleString("en-GB")} images: they take ${
      megabytes(needed)
    } and the disk has ${megabytes(free)} free`,
    { hint: "Make room, freeze more blocks, limit the images, or set features: off in freeze" },
  );
}

const megabytes = (bytes: number) =>
  bytes >= 2e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.ceil(bytes / 1e6)} MB`;
