import { statfs } from "node:fs/promises";
import { sha256 } from "../../base/hash.ts";
import { Interrupted, UserError } from "../../base/errors.ts";
import { openSafetensors } from "../../base/safetensors.ts";
import { PixelBatches } from "../../data/batches.ts";
import { FeatureWriter, shardName } from "../../data/features.ts";
import { tf } from "../../engine/tf.ts";
import type { ModelConfig } from "../../vit/config.ts";
import { MODEL } from "../load-pretrained/files.ts";
import { loadModel } from "../model.ts";
import { type DatasetFile, POOL } from "../preprocess/files.ts";
import type { Artifact, StageContext } from "../stage.ts";
import { transformOf } from "../transform.ts";
import type { FreezeParams } from "./mod.ts";
import type { FrozenPrefix } from "./prefix.ts";

type Context = StageContext<FreezeParams, "data" | "model">;

/** Images that go through the model at once. Part of nothing that is published. */
const BATCH = 64;
/** A shard is computed whole or not at all; a kill loses at most this much. */
const SHARD_BYTES = 48 * 2 ** 20;

/** How the activations are to be kept. */
export interface FeaturePlan {
  readonly dtype: "F16" | "F32";
  readonly tokens: number;
  readonly width: number;
  readonly images: number;
  /** Images in a shard. */
  readonly shard: number;
  readonly prefix: FrozenPrefix;
  readonly dataset: DatasetFile;
  readonly bytes: number;
}

/** Sizes of what is kept: `images * tokens * width` numbers. */
export function planFeatures(
  { params }: Context,
  config: ModelConfig,
  prefix: FrozenPrefix,
  dataset: DatasetFile,
): FeaturePlan {
  const [height, width] = dataset.transform.image_size;
  const patches = (height / config.patchSize[0]) * (width / config.patchSize[1]);
  const tokens = prefix.tokens === "class" ? 1 : 1 + patches;
  const dtype = params.features === "float16" ? "F16" : "F32";
  const imageBytes = tokens * config.hiddenSize * (dtype === "F16" ? 2 : 4);
  // Whole batches, so that a shard that is done again sees the same batches and gives the same bytes.
  const shard = BATCH * Math.min(64, Math.max(1, Math.floor(SHARD_BYTES / imageBytes / BATCH)));
  const images = dataset.sizes.train + dataset.sizes.validation;
  return {
    dtype,
    tokens,
    width: config.hiddenSize,
    images,
    shard,
    prefix,
    dataset,
    bytes: images * imageBytes,
  };
}

/**
 * Gets the activations from the store, or computes them. They depend on the frozen tensors, the
 * images and how they are fed, the number type and the code: not on head, split, seed or labels.
 */
export async function computeFeatures(
  context: Context,
  plan: FeaturePlan,
  tensors: readonly { name: string; status: string }[],
): Promise<Artifact> {
  const { inputs } = context;
  const frozen = tensors.filter(({ status }) => status === "frozen").map(({ name }) => name);
  return await context.cached({
    kind: "features",
    code: import.meta.url,
    record: {
      tensors: await digestTensors(inputs.model.file(`${MODEL}/model.safetensors`), frozen),
      images: await digestImages(inputs.data.file(POOL)),
      transform: plan.dataset.transform,
      blocks: plan.prefix.blocks,
      tokens: plan.prefix.tokens,
      dtype: plan.dtype,
      shard: plan.shard,
      architecture: await architecture(context),
    },
    build: (place) => build(context, plan, place),
  });
}

async function build(
  context: Context,
  plan: FeaturePlan,
  { output, checkpoint }: Parameters<Parameters<Context["cached"]>[0]["build"]>[0],
): Promise<void> {
  const { inputs, report, signal } = context;
  await refuseIfFull(output.path, plan);
  await context.engine();
  using model = await loadModel(inputs.model, plan.dataset.classes);
  using images = await PixelBatches.open(inputs.data.file(POOL), transformOf(plan.dataset));

  const { height, width } = images.size;
  const shards = Math.ceil(plan.images / plan.shard);
  const kept = new Set(await checkpoint.list());
  let first = 0;
  while (
    first < shards && kept.has(shardName(first)) && (await checkpoint.load(shardName(first)))
  ) first++;
  if (first > 0) report.resumed(`shard ${first} of ${shards}`);
  report.line(
    `Activations of ${plan.images.toLocaleString("en-GB")} images: ${
      megabytes(plan.bytes)
    } on disk, in ${shards} shards`,
  );

  let done = first * plan.shard;
  for (let index = first; index < shards; index++) {
    const from = index * plan.shard;
    const count = Math.min(plan.shard, plan.images - from);
    await checkpoint.save(shardName(index), async (path) => {
      const writer = await FeatureWriter.create(path, { ...plan, images: count });
      try {
        for (let at = from; at < from + count; at += BATCH) {
          if (signal.aborted) throw new Interrupted();
          const size = Math.min(BATCH, from + count - at);
          const rows = Int32Array.from({ length: size }, (_, i) => at + i);
          const { pixels } = images.read(rows);
          const activations = tf.tidy(() => {
            const x = model.vit.embed(tf.tensor4d(pixels, [size, height, width, 3]));
            const y = model.vit.blocks(x, 0, plan.prefix.blocks);
            return plan.prefix.tokens === "class" ? y.slice([0, 0, 0], [-1, 1, -1]) : y;
          });
          writer.write(activations.dataSync() as Float32Array);
          activations.dispose();
          done += size;
          report.progress(done, plan.images, "images");
          // The engine blocks; a macrotask lets Ctrl-C through.
          await new Promise((resolve) => setTimeout(resolve));
        }
        await writer.close();
      } catch (error) {
        writer.abandon();
        throw error;
      }
    });
  }
  for (let index = 0; index < shards; index++) {
    await output.take(`features/${shardName(index)}`, (await checkpoint.load(shardName(index)))!);
  }
}

/** Says before the work that the disk is too small for it. */
async function refuseIfFull(folder: string, plan: FeaturePlan): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free > plan.bytes * 1.05) return;
  throw new UserError(
    `Cannot keep the activations of ${plan.images} images: they take ${
      megabytes(plan.bytes)
    } and the disk has ${megabytes(free)} free`,
    { hint: "Make room, freeze more blocks, limit the images, or set features: off in freeze" },
  );
}

async function digestTensors(path: string, names: readonly string[]): Promise<string> {
  using file = await openSafetensors(path);
  const hash = sha256();
  for (const name of [...names].sort()) {
    const { dtype, shape } = file.info(name);
    hash.update(`${name} ${dtype} ${shape.join("x")}\n`).update(file.read(name));
  }
  return hash.digest("hex");
}

/** Of the pixels alone: new labels for the same images change nothing here. */
async function digestImages(path: string): Promise<string> {
  using file = await openSafetensors(path);
  const { shape } = file.info("images");
  const hash = sha256().update(shape.join("x"));
  const piece = 4096;
  for (let at = 0; at < shape[0]; at += piece) {
    hash.update(file.rowsSync("images", at, Math.min(piece, shape[0] - at)));
  }
  return hash.digest("hex");
}

/** What of config.json the frozen part computes with: all but the names of the classes. */
async function architecture({ inputs }: Context): Promise<Record<string, unknown>> {
  const config = JSON.parse(await Deno.readTextFile(inputs.model.file(`${MODEL}/config.json`)));
  for (const key of ["id2label", "label2id", "architectures", "num_labels", "problem_type"]) {
    delete config[key];
  }
  return config;
}

const megabytes = (bytes: number) =>
  bytes >= 2e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.ceil(bytes / 1e6)} MB`;
