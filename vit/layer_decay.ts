import type { ClassifierConfig } from "./classifier.ts";
import { partOf } from "./parameters.ts";

/**
 * What a tensor's learning rate is multiplied by where rates fall from layer to layer (BEiT, Bao et
 * al. 2022): `decay^(blocks + 1 - layer)`. The embeddings are layer 0, block i (from 0) is layer
 * i + 1, the final norm and the head are layer blocks + 1 and learn at the full rate.
 *
 * @param name A tensor's, as in the checkpoint.
 * @param blocks Of the model.
 * @param decay From above 0 to 1; 1: all learn alike.
 */
export function rateScale(name: string, blocks: number, decay: number): number {
  const part = partOf(name);
  if (part === "embeddings") return decay ** (blocks + 1);
  return part.startsWith("block ") ? decay ** (blocks - Number(part.slice("block ".length))) : 1;
}

/**
 * What the rate of each trainable tensor is multiplied by: {@linkcode rateScale}.
 * @throws {RangeError} if rates are to fall in a model that has no blocks.
 */
export function rateScales(
  { config }: { readonly config: ClassifierConfig & { readonly blocks?: number } },
  { trainable, layerDecay = 1 }: {
    readonly trainable: readonly string[];
    readonly layerDecay?: number;
  },
): Map<string, number> {
  const { blocks, family } = config;
  if (blocks === undefined && layerDecay !== 1) {
    throw new RangeError(
      `Cannot let rates fall from block to block: the model (${family}) has none`,
    );
  }
  return new Map(
    trainable.map((name) => [name, blocks === undefined ? 1 : rateScale(name, blocks, layerDecay)]),
  );
}
