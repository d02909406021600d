import { MODEL } from "../../../stages/load-pretrained/files.ts";
import { readModelFolder } from "../../../stages/load-pretrained/folder.ts";
import type { FreezeParams } from "../../../stages/freeze/mod.ts";
import { planFeatures } from "../../../stages/freeze/plan.ts";
import { frozenPrefix } from "../../../stages/freeze/prefix.ts";
import { computeShards, shardParts } from "../../../stages/freeze/shards.ts";
import { datasetFile } from "../../../stages/preprocess/files.ts";
import type { StageContext } from "../../../stages/stage.ts";

/** Images in a shard. */
const SHARD = 16;

type Context = StageContext<Record<string, never>, "data" | "model">;

/** Publishes the shards of one frozen block. */
export async function run(context: Context): Promise<void> {
  const { inputs, output } = context;
  const params: FreezeParams = {
    embeddings: true,
    blocks: 1,
    features: "float32",
    precision: "float32",
  };
  const { config } = readModelFolder(`${inputs.model.path}/${MODEL}`, { resolve: (path) => path });
  const dataset = await inputs.data.json("dataset.json", datasetFile);
  const plan = planFeatures(params, config, frozenPrefix(params, config)!, dataset);
  // Not by spreading: that would read the seed, which this stage's key has not.
  const asFreeze = Object.create(context, { params: { value: params } });
  const shards = await context.cached({
    kind: "shards",
    code: import.meta.url,
    record: { images: inputs.data.content, model: inputs.model.content },
    parts: shardParts(asFreeze, { ...plan, shard: SHARD }),
    build: (place) => computeShards(asFreeze, { ...plan, shard: SHARD }, place),
  });
  for (const file of shards.files) await output.take(file, shards.file(file));
}
