import { z } from "zod";
import { UserError } from "../base/errors.ts";

/** What a Vision Transformer is made of: Hugging Face's config.json, checked and in our words. */
export interface ModelConfig {
  /** `model_type` of config.json. */
  readonly family: Family;
  /** Width of a token, D. */
  readonly hiddenSize: number;
  /** Transformer blocks, L. */
  readonly blocks: number;
  /** Attention heads of a block, H; divides the width. */
  readonly heads: number;
  /** Width inside a block's MLP. */
  readonly intermediateSize: number;
  readonly hiddenAct: HiddenAct;
  readonly layerNormEps: number;
  /** Height and width of an image, pixels. */
  readonly imageSize: readonly [height: number, width: number];
  /** Height and width of a patch, pixels; divide those of an image. */
  readonly patchSize: readonly [height: number, width: number];
  readonly channels: number;
  /** Whether query, key and value have a bias. */
  readonly qkvBias: boolean;
  /** Share of numbers that training would drop; the largest that config.json has. Not applied. */
  readonly dropout: number;
  /** Deviation of the normal distribution that a new head is drawn from. */
  readonly initializerRange: number;
  /** Classes in the order of their indices; none where the checkpoint is a backbone without a head. */
  readonly labels: readonly string[];
}

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

const side = z.int().min(1).max(1 << 14);
const sides = z.union([
  side.transform((n): [number, number] => [n, n]),
  z.tuple([side, side]),
]);

/** The keys that ViT's config has, with ViTConfig's defaults. Other keys concern other programs. */
const vitSchema = z.looseObject({
  hidden_size: z.int().min(1).max(1 << 16).default(768),
  num_hidden_layers: z.int().min(1).max(1000).default(12),
  num_attention_heads: z.int().min(1).max(1024).default(12),
  intermediate_size: z.int().min(1).max(1 << 18).default(3072),
  hidden_act: z.enum(HIDDEN_ACTS).default("gelu"),
  layer_norm_eps: z.number().min(0).default(1e-12),
  image_size: sides.default([224, 224]),
  patch_size: sides.default([16, 16]),
  num_channels: z.literal(3, {
    error: (issue) => `the model takes ${issue.input} channels; it must be 3, red, green and blue`,
  }).default(3),
  qkv_bias: z.boolean().default(true),
  hidden_dropout_prob: z.number().min(0).max(1).default(0),
  attention_probs_dropout_prob: z.number().min(0).max(1).default(0),
  initializer_range: z.number().positive().default(0.02),
});

const labelsSchema = z.looseObject({
  architectures: z.array(z.string()).nullish(),
  id2label: z.record(z.string(), z.string()).nullish(),
  num_labels: z.int().min(1).max(1_000_000).nullish(),
});

/** Model families by the word in `model_type`. */
const FAMILIES = { vit: parseVit };
export type Family = keyof typeof FAMILIES;

/**
 * Reads Hugging Face's config.json.
 *
 * @param json Its content, parsed.
 * @param where Its path, for errors.
 * @throws {UserError} naming the key that is wrong, or a family that is not known.
 */
export function parseModelConfig(json: unknown, where: string): ModelConfig {
  const { model_type: family } = parse(z.looseObject({ model_type: z.string() }), json, where);
  if (!Object.hasOwn(FAMILIES, family)) {
    throw new UserError(`Cannot use the model of ${where}: its model_type is "${family}"`, {
      hint: `Families that can be used: ${Object.keys(FAMILIES).join(", ")}`,
    });
  }
  return FAMILIES[family as Family](json, where);
}

/** Patches down and across an image. */
export function gridOf(config: ModelConfig): [down: number, across: number] {
  const { imageSize: [height, width], patchSize: [patchHeight, patchWidth] } = config;
  return [height / patchHeight, width / patchWidth];
}

/** Tokens in front of the patches: the class token. */
export function prefixTokens(_config: ModelConfig): number {
  return 1;
}

/** Tokens of an image, T: the class token and its patches. */
export function tokensOf(config: ModelConfig): number {
  const [down, across] = gridOf(config);
  return prefixTokens(config) + down * across;
}

function parseVit(json: unknown, where: string): ModelConfig {
  const config = parse(vitSchema, json, where);
  const { hidden_size: width, num_attention_heads: heads } = config;
  if (width % heads !== 0) {
    throw new UserError(
      `Cannot split the width ${width} of ${where} into ${heads} heads: ` +
        "hidden_size must be a multiple of num_attention_heads",
    );
  }
  const { image_size: image, patch_size: patch } = config;
  if (image[0] % patch[0] !== 0 || image[1] % patch[1] !== 0) {
    throw new UserError(
      `Cannot cut images of ${image.join("x")} into patches of ${patch.join("x")} in ${where}: ` +
        "image_size must be a multiple of patch_size",
    );
  }
  return {
    family: "vit",
    hiddenSize: width,
    blocks: config.num_hidden_layers,
    heads,
    intermediateSize: config.intermediate_size,
    hiddenAct: config.hidden_act,
    layerNormEps: config.layer_norm_eps,
    imageSize: image,
    patchSize: patch,
    channels: config.num_channels,
    qkvBias: config.qkv_bias,
    dropout: Math.max(config.hidden_dropout_prob, config.attention_probs_dropout_prob),
    initializerRange: config.initializer_range,
    labels: parseLabels(json, where),
  };
}

/** Labels in order of index; Hugging Face's own defaults where only their number is known. */
function parseLabels(json: unknown, where: string): string[] {
  const { architectures, id2label, num_labels: count } = parse(labelsSchema, json, where);
  if (architectures && !architectures.some((name) => name.includes("ForImageClassification"))) {
    return [];
  }
  // PretrainedConfig has two labels unless it is told otherwise, and leaves them out of the file.
  if (!id2label) return Array.from({ length: count ?? 2 }, (_, i) => `LABEL_${i}`);
  const labels = Array.from({ length: Object.keys(id2label).length }, (_, i) => id2label[i]);
  if (labels.includes(undefined as unknown as string)) {
    throw new UserError(
      `Cannot read id2label of ${where}: its keys must be 0 to ${labels.length - 1}`,
    );
  }
  return labels;
}

function parse<T>(schema: z.ZodType<T>, json: unknown, where: string): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0];
  const key = path.length > 0 ? `"${path.join(".")}"` : "the content";
  throw new UserError(`Cannot use ${key} of ${where}: ${message}`, {
    hint: "It must be a model configuration as Hugging Face transformers writes it",
  });
}
