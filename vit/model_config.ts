/** What a Vision Transformer is made of: Hugging Face's config.json, checked and in our words. */
export interface ModelConfig {
  /** `model_type` of config.json, and what the names of the backbone's tensors begin with. */
  readonly family: Family;
  /** Width of a token, D. */
  readonly hiddenSize: number;
  /** Transformer blocks, L. */
  readonly blocks: number;
  /** Attention heads of a block, H; divides the width. */
  readonly heads: number;
  /** Width inside a block's MLP; of the gated half where it is SwiGLU. */
  readonly intermediateSize: number;
  /** Two dense layers with an activation between them, or SwiGLU (Shazeer 2020). */
  readonly mlp: "dense" | "swiglu";
  /** Of the MLP with two dense layers; SwiGLU has SiLU. */
  readonly hiddenAct: HiddenAct;
  readonly layerNormEps: number;
  /** Height and width of an image, pixels. */
  readonly imageSize: readonly [height: number, width: number];
  /** Height and width of a patch, pixels; divide those of an image. */
  readonly patchSize: readonly [height: number, width: number];
  readonly channels: number;
  /** Whether query, key and value have a bias. */
  readonly qkvBias: boolean;
  /** Whether each part of a block is scaled by channel before it is added (Touvron et al. 2021b). */
  readonly layerScale: boolean;
  /** Whether a distillation token follows the class token (Touvron et al. 2021a). */
  readonly distillationToken: boolean;
  /** Register tokens before the patches, without positions of their own (Darcet et al. 2024). */
  readonly registers: number;
  /** Whether the token of masked pretraining belongs to the checkpoint. No logit depends on it. */
  readonly maskToken: boolean;
  readonly reads: HeadInput;
  /** Share of numbers that training would drop; the largest that config.json has. Not applied. */
  readonly dropout: number;
  /** Deviation of the normal distribution that a new head is drawn from. */
  readonly initializerRange: number;
  /** Classes in the order of their indices; none where the checkpoint is a backbone without a head. */
  readonly labels: readonly string[];
}

/** Model families, by the word that `model_type` has for them. */
export const FAMILIES = ["vit", "deit", "dinov2", "dinov2_with_registers"] as const;
export type Family = typeof FAMILIES[number];

/**
 * What the head reads after the final norm: the class token; class and distillation token, each with
 * a head of its own, whose logits are averaged; the class token joined with the mean of the patches.
 */
export type HeadInput = "class" | "class and distillation" | "class and patches";

/** Names of the activation functions, as in config.json. */
export const HIDDEN_ACTS = [
  "gelu",
  "gelu_new",
  "gelu_pytorch_tanh",
  "quick_gelu",
  "relu",
  "silu",
] as const;
export type HiddenAct = typeof HIDDEN_ACTS[number];

/** Patches down and across an image. */
export function gridOf(config: ModelConfig): [down: number, across: number] {
  const { imageSize: [height, width], patchSize: [patchHeight, patchWidth] } = config;
  return [height / patchHeight, width / patchWidth];
}

/** Tokens in front of the patches: class token, distillation token, registers. */
export function prefixTokens(config: ModelConfig): number {
  return prefixPositions(config) + config.registers;
}

/** Position embeddings in front of those of the patches; registers have none. */
export function prefixPositions(config: ModelConfig): number {
  return config.distillationToken ? 2 : 1;
}

/** Tokens of an image, T: the prefix and its patches. */
export function tokensOf(config: ModelConfig): number {
  const [down, across] = gridOf(config);
  return prefixTokens(config) + down * across;
}
