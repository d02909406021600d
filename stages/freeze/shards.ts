import { statfs } from "node:fs/promises";
import { formatEstimate } from "../../base/duration.ts";
import { Interrupted, UserError } from "../../base/errors.ts";
import { shardName } from "../../data/features.ts";
import type { Engine } from "../../engine/mod.ts";
import { engineMark } from "../engine_mark.ts";
import type { CachedRequest, PartMaker, PartsRequest, StageContext } from "../stage.ts";
import { startOverIfOther } from "../start_over.ts";
import type { FreezeParams } from "./mod.ts";
import { BATCH, type FeaturePlan } from "./plan.ts";
import { requireBfloat16 } from "./trunk.ts";
import { type Shard, ShardWriter } from "./write_shard.ts";

type Context = StageContext<FreezeParams, "data" | "model">;

type Place = Parameters<CachedRequest["build"]>[0];

function shardsOf({ images, shard }: FeaturePlan): Shard[] {
  return Array.from({ length: Math.ceil(images / shard) }, (_, index) => ({
    file: shardName(index),
    first: index * shard,
    count: Math.min(shard, images - index * shard),
  }));
}

/** The shards as parts that other workers may make: which is which follows from the plan alone. */
export function shardParts(context: Context, plan: FeaturePlan): PartsRequest {
  const shards = shardsOf(plan);
  return {
    count: shards.length,
    async open(): Promise<PartMaker> {
      await openFor(context, plan);
      const opened = await ShardWriter.open(context, plan);
      return {
        async make(part, output) {
          const { file, count } = shards[part];
          await refuseIfFull(output.path, plan, count);
          await opened.write(shards[part], output.file(placeOf(file)), () => pause(context));
        },
        [Symbol.dispose]: () => opened[Symbol.dispose](),
      };
    },
  };
}

/** Opens the engine, and checks that it can do what is asked for. */
async function openFor(context: Context, { precision }: FeaturePlan): Promise<Engine> {
  const engine = await context.engine();
  if (precision === "bfloat16") requireBfloat16(engine);
  return engine;
}

/**
 * Computes the activations shard by shard. A shard that is done is kept in the checkpoint, so that a
 * kill loses at most the one in hand. What other workers have made is taken, unless another engine or
 * thread count would be mixed with this one's; where they have made all, and alike, none is opened.
 */
export async function computeShards(context: Context, plan: FeaturePlan, place: Place) {
  const { output, checkpoint, parts } = place;
  const { report } = context;
  const shards = shardsOf(plan);
  const taken = new Set<Shard>();
  const take = async (shard: Shard) => {
    const whole = await parts.take(shards.indexOf(shard), output);
    if (whole) taken.add(shard);
    return whole;
  };
  const marks = await Promise.all(shards.map((_, part) => markOf(place, part)));
  if (marks[0] !== undefined && marks.every((mark) => mark === marks[0])) {
    for (const shard of shards) await take(shard);
  }
  if (taken.size < shards.length) {
    const engine = await openFor(context, plan);
    await startOverIfOther(engine, checkpoint, report, "shards");
    const mark = engineMark(engine);
    if (taken.size > 0 && marks[0] !== mark) {
      // One of them was damaged: the others are not mixed with what is made here.
      for (const { file } of taken) await Deno.remove(output.file(placeOf(file)));
      taken.clear();
    }
    const missing: Shard[] = [];
    let kept = 0;
    for (const [part, shard] of shards.entries()) {
      if (taken.has(shard)) continue;
      if (await checkpoint.load(shard.file) !== undefined) kept++;
      else if (marks[part] !== mark || !await take(shard)) missing.push(shard);
    }
    const others = marks.filter((each) => each !== undefined && each !== mark).length;
    if (others > 0) {
      report.warn(
        `${others} shards of other workers are of another engine or thread count: they are not used`,
      );
    }
    if (kept > 0) report.resumed(`${kept} of ${shards.length} shards`);
    await computeMissing(context, plan, place, missing, async (shard) => {
      return await markOf(place, shards.indexOf(shard)) === mark && await take(shard);
    });
  }
  if (taken.size > 0) {
    report.line(`${taken.size} of ${shards.length} shards were made by other workers`);
  }
  for (const shard of shards) {
    if (taken.has(shard)) continue;
    await output.take(placeOf(shard.file), (await checkpoint.load(shard.file))!);
  }
}

/** @param take Takes a shard that was made elsewhere meanwhile. */
async function computeMissing(
  context: Context,
  plan: FeaturePlan,
  { output, checkpoint }: Place,
  missing: readonly Shard[],
  take: (shard: Shard) => Promise<boolean>,
): Promise<void> {
  if (missing.length === 0) return;
  const toDo = missing.reduce((sum, { count }) => sum + count, 0);
  await refuseIfFull(output.path, plan, toDo);
  using opened = await ShardWriter.open(context, plan);
  const meter = new Meter(context, plan, toDo);
  for (const shard of missing) {
    if (await take(shard)) continue;
    await checkpoint.save(shard.file, async (path) => {
      await opened.write(shard, path, (size) => meter.add(size));
    });
  }
}

/** Where a shard is in the artifact. */
const placeOf = (file: string) => `features/${file}`;

/** What made a part that is in the store; undefined where it is not there. */
async function markOf({ parts }: Place, part: number): Promise<string | undefined> {
  const engine = (await parts.find(part))?.engine;
  return engine && engineMark(engine);
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
    const { report } = this.#context;
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
    await pause(this.#context);
  }
}

/** The engine blocks; a macrotask lets Ctrl-C through. */
async function pause({ signal }: Context): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
  if (signal.aborted) throw new Interrupted();
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
