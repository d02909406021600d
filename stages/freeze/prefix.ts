import type { ModelConfig } from "../../vit/config.ts";
import type { FreezeParams } from "./mod.ts";

/** The frozen bottom of a model: the embeddings and so many blocks, with no trainable part below. */
export interface FrozenPrefix {
  readonly blocks: number;
  /** Tokens of an image that the rest of the model reads. */
  readonly tokens: "all" | "class";
}

/**
 * Where the frozen part is an unbroken prefix, its end. With trainable embeddings there is none:
 * every step changes what the blocks above them get.
 */
export function frozenPrefix(params: FreezeParams, config: ModelConfig): FrozenPrefix | undefined {
  if (!params.embeddings) return undefined;
  const blocks = params.blocks ?? 0;
  // Above the last block, the norm and the head read the class token alone.
  return { blocks, tokens: blocks === config.blocks ? "class" : "all" };
}
