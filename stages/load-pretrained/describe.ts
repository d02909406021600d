import { type ModelConfig, tokensOf } from "../../vit/config.ts";
import { parametersOf, sizeOf } from "../../vit/parameters.ts";
import type { ParametersFile } from "./files.ts";

/** Adds up the tensors of each part of a model, in the order of the parts. */
export function partsOf(
  tensors: readonly { readonly part: string; readonly shape: readonly number[] }[],
): ParametersFile["parts"] {
  const parts: ParametersFile["parts"] = [];
  for (const { part, shape } of tensors) {
    if (parts.at(-1)?.name !== part) parts.push({ name: part, parameters: 0, tensors: 0 });
    parts.at(-1)!.parameters += sizeOf(shape);
    parts.at(-1)!.tensors++;
  }
  return parts;
}

/** parameters.json of a Vision Transformer. */
export function describeVit(config: ModelConfig, head: "kept" | "new"): ParametersFile {
  const parts = partsOf(parametersOf(config));
  return {
    family: config.family,
    total: parts.reduce((sum, { parameters }) => sum + parameters, 0),
    parts,
    architecture: {
      image_size: [...config.imageSize],
      patch_size: [...config.patchSize],
      tokens: tokensOf(config),
      hidden_size: config.hiddenSize,
      blocks: config.blocks,
      heads: config.heads,
      intermediate_size: config.intermediateSize,
      hidden_act: config.hiddenAct,
      layer_norm_eps: config.layerNormEps,
    },
    head: { source: head, classes: config.labels.length },
  };
}
