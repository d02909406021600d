import { parametersOf, sizeOf } from "../../vit/parameters.ts";
import { datasetFile } from "../preprocess/files.ts";
import type { StageContext } from "../stage.ts";
import { readModelFolder } from "../load-pretrained/folder.ts";
import { MODEL } from "../load-pretrained/files.ts";
import { computeFeatures } from "./features.ts";
import type { TrainableFile } from "./files.ts";
import type { FreezeParams } from "./mod.ts";
import { planFeatures } from "./plan.ts";
import { frozenPrefix } from "./prefix.ts";

/** Lists what is frozen and, where that is an unbroken prefix, computes its activations. */
export async function run(context: StageContext<FreezeParams, "data" | "model">): Promise<void> {
  const { params, inputs, output, report } = context;
  const folder = `${inputs.model.path}/${MODEL}`;
  const { config } = readModelFolder(folder, { resolve: (path) => path });
  const frozen = (part: string) =>
    part === "embeddings"
      ? params.embeddings
      : part.startsWith("block ") && Number(part.slice("block ".length)) < params.blocks!;
  const tensors = parametersOf(config).map(({ name, shape, part, carried }) => ({
    name,
    shape: [...shape],
    part,
    status: carried || frozen(part) ? "frozen" as const : "trainable" as const,
  }));
  const count = (status: string) =>
    tensors.filter((tensor) => tensor.status === status)
      .reduce((sum, { shape }) => sum + sizeOf(shape), 0);

  const prefix = frozenPrefix(params, config);
  let features: TrainableFile["features"] = null;
  let reason = "features: off in the config";
  if (params.features !== "off" && !prefix) {
    reason =
      "none: the embeddings are trained, so what the frozen blocks compute changes with every step";
    report.warn(`No activations are kept: ${reason.slice("none: ".length)}`);
  } else if (params.features !== "off" && prefix) {
    const dataset = await inputs.data.json("dataset.json", datasetFile);
    const plan = planFeatures(params, config, prefix, dataset);
    const artifact = await computeFeatures(context, plan, tensors);
    for (const file of artifact.files) await output.take(file, artifact.file(file));
    features = {
      dtype: plan.dtype,
      precision: plan.precision,
      blocks: prefix.blocks,
      tokens: plan.tokens,
      width: config.hiddenSize,
      images: plan.images,
      shard: plan.shard,
      files: [...artifact.files],
    };
    reason =
      `the embeddings and the lowest ${prefix.blocks} blocks are frozen, with nothing trainable below them`;
  }
  const file: TrainableFile = {
    tensors,
    of: { data: inputs.data.content, model: inputs.model.content },
    frozen: count("frozen"),
    trainable: count("trainable"),
    features,
    reason,
  };
  await output.json("trainable.json", file);
}
