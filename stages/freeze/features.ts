import { sha256 } from "../../base/hash.ts";
import { openSafetensors } from "../../base/safetensors.ts";
import { MODEL } from "../load-pretrained/files.ts";
import { readModelFolder } from "../load-pretrained/folder.ts";
import { POOL } from "../preprocess/files.ts";
import type { Artifact, StageContext } from "../stage.ts";
import type { FreezeParams } from "./mod.ts";
import { transformOf } from "../transform.ts";
import type { FeaturePlan } from "./plan.ts";
import { computeShards, shardParts } from "./shards.ts";

type Context = StageContext<FreezeParams, "data" | "model">;

/**
 * Gets the activations from the store, or computes them. They depend on the frozen tensors, the
 * images and how they are fed, the number types and the code: not on head, split, seed or labels.
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
      transform: transformOf(plan.dataset),
      blocks: plan.prefix.blocks,
      tokens: plan.prefix.tokens,
      dtype: plan.dtype,
      precision: plan.precision,
      shard: plan.shard,
      architecture: architecture(context),
    },
    parts: shardParts(context, plan),
    build: (place) => computeShards(context, plan, place),
  });
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

/** What of the model's config the frozen part computes with. */
function architecture({ inputs }: Context): Record<string, unknown> {
  const folder = `${inputs.model.path}/${MODEL}`;
  const { config } = readModelFolder(folder, { resolve: (path) => path });
  const { labels: _, initializerRange: _range, dropout: _dropout, ...rest } = config;
  return { ...rest };
}
