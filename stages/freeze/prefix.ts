import type { ModelConfig } from "../../vit/config.ts";
import type { FreezeParams } from "./mod.ts";

/** The frozen bottom of a model: the embeddings and so many blocks, with no trainable part below. */
export interface FrozenPrefix {
  readonly blocks: number;
  /** What is kept of an image: all tokens, or what the head makes its logits from. */
  readonly tokens: "all" | "summary";
}

/**
 * Where the frozen part is an unbroken prefix, its end. With trainable embeddings there is none:
 * every step changes what the blocks above them get.
 */
export function frozenPrefix(params: FreezeParams, config: ModelConfig): FrozenPrefix | undefined {
  if (!params.embeddings) return undefined;
  const blocks = params.blocks ?? 0;
  return { blocks, tokens: blocks === config.blocks ? "summary" : "all" };
}
