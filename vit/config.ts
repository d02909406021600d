import { z } from "zod";
import { UserError } from "../base/errors.ts";
import { quoted } from "../base/printable.ts";
import { FAMILIES, type Family, HIDDEN_ACTS, type ModelConfig } from "./model_config.ts";

export * from "./model_config.ts";

const side = z.int().min(1).max(1 << 14);
const sides = z.union([
  side.transform((n): [number, number] => [n, n]),
  z.tuple([side, side]),
], { error: `it must be a number of pixels, or height and width, each from 1 to ${1 << 14}` });
const share = z.number().min(0).max(1).default(0);
const mlpWidth = z.int().min(1).max(1 << 18);

/** SiLU has two names. */
const hiddenAct = z.preprocess(
  (name) => name === "swish" ? "silu" : name,
  z.enum(HIDDEN_ACTS, {
    error: ({ input }) => `${quoted(input)} is none of ${HIDDEN_ACTS.join(", ")}`,
  }),
);

/** What the config of every family has, with its defaults. Other keys concern other programs. */
const common = z.looseObject({
  hidden_size: z.int().min(1).max(1 << 16).default(768),
  num_hidden_layers: z.int().min(1).max(1000).default(12),
  num_attention_heads: z.int().min(1).max(1024).default(12),
  hidden_act: hiddenAct.default("gelu"),
  image_size: sides.default([224, 224]),
  num_channels: z.literal(3, {
    error: (issue) =>
      `the model takes ${quoted(issue.input)} channels; it must be 3, red, green and blue`,
  }).default(3),
  qkv_bias: z.boolean().default(true),
  hidden_dropout_prob: share,
  attention_probs_dropout_prob: share,
  drop_path_rate: share,
  initializer_range: z.number().positive().default(0.02),
  architectures: z.array(z.string()).nullish(),
});

/** ViTConfig and DeiTConfig. */
const vit = common.extend({
  intermediate_size: mlpWidth.default(3072),
  layer_norm_eps: z.number().min(0).default(1e-12),
  patch_size: sides.default([16, 16]),
});

/** Dinov2Config and, with other defaults, Dinov2WithRegistersConfig. */
const dinov2 = common.extend({
  mlp_ratio: z.number().positive().max(64).default(4),
  layer_norm_eps: z.number().min(0).default(1e-6),
  patch_size: sides.default([14, 14]),
  use_swiglu_ffn: z.boolean().default(false),
  use_mask_token: z.boolean().default(true),
});
const registers = dinov2.extend({
  patch_size: sides.default([16, 16]),
  num_register_tokens: z.int().min(0).max(1024).default(4),
});

const labelsSchema = z.looseObject({
  architectures: z.array(z.string()).nullish(),
  id2label: z.record(z.string(), z.string()).nullish(),
  num_labels: z.int().min(1).max(1_000_000).nullish(),
});

/** What sets a family apart. */
type Traits = Pick<
  ModelConfig,
  | "intermediateSize"
  | "mlp"
  | "layerNormEps"
  | "patchSize"
  | "layerScale"
  | "distillationToken"
  | "registers"
  | "maskToken"
  | "reads"
>;

const TRAITS: Record<Family, (json: unknown, where: string) => Traits> = {
  vit: (json, where) => ({
    ...vitTraits(parse(vit, json, where)),
    distillationToken: false,
    reads: "class",
  }),
  deit(json, where) {
    const config = parse(vit, json, where);
    const teacher = config.architectures?.includes("DeiTForImageClassificationWithTeacher");
    return {
      ...vitTraits(config),
      distillationToken: true,
      reads: teacher ? "class and distillation" : "class",
    };
  },
  dinov2: (json, where) => ({ ...dinov2Traits(parse(dinov2, json, where)), registers: 0 }),
  dinov2_with_registers(json, where) {
    const config = parse(registers, json, where);
    return { ...dinov2Traits(config), registers: config.num_register_tokens };
  },
};

/**
 * Reads Hugging Face's config.json.
 *
 * @param json Its content, parsed.
 * @param where Its path, for errors.
 * @throws {UserError} naming the key that is wrong, or a family that is not known.
 */
export function parseModelConfig(json: unknown, where: string): ModelConfig {
  const family = familyOf(json, where);
  const config = parse(common, json, where);
  const traits = TRAITS[family](json, where);
  const { hidden_size: width, num_attention_heads: heads, image_size: image } = config;
  if (width % heads !== 0) {
    throw new UserError(
      `Cannot split the width ${width} of ${where} into ${heads} heads: ` +
        "hidden_size must be a multiple of num_attention_heads",
    );
  }
  const patch = traits.patchSize;
  if (image[0] % patch[0] !== 0 || image[1] % patch[1] !== 0) {
    throw new UserError(
      `Cannot cut images of ${image.join("x")} into patches of ${patch.join("x")} in ${where}: ` +
        "image_size must be a multiple of patch_size",
    );
  }
  return {
    family,
    hiddenSize: width,
    blocks: config.num_hidden_layers,
    heads,
    hiddenAct: config.hidden_act,
    imageSize: image,
    channels: config.num_channels,
    qkvBias: config.qkv_bias,
    dropout: Math.max(
      config.hidden_dropout_prob,
      config.attention_probs_dropout_prob,
      config.drop_path_rate,
    ),
    initializerRange: config.initializer_range,
    labels: parseLabels(json, where),
    ...traits,
  };
}

function familyOf(json: unknown, where: string): Family {
  const { model_type: word } = parse(z.looseObject({ model_type: z.string() }), json, where);
  const family = FAMILIES.find((name) => name === word);
  if (family !== undefined) return family;
  throw new UserError(`Cannot use the model of ${where}: its model_type is ${quoted(word)}`, {
    hint: `Families that can be used: ${FAMILIES.join(", ")}`,
  });
}

function vitTraits(config: z.infer<typeof vit>) {
  return {
    intermediateSize: config.intermediate_size,
    mlp: "dense",
    layerNormEps: config.layer_norm_eps,
    patchSize: config.patch_size,
    layerScale: false,
    registers: 0,
    maskToken: false,
  } as const;
}

function dinov2Traits(config: z.infer<typeof dinov2>) {
  const width = Math.trunc(config.hidden_size * config.mlp_ratio);
  const swiglu = config.use_swiglu_ffn;
  return {
    // SwiGLU's three matrices have the parameters of two: two thirds, in multiples of 8.
    intermediateSize: swiglu ? Math.ceil(Math.trunc(width * 2 / 3) / 8) * 8 : width,
    mlp: swiglu ? "swiglu" : "dense",
    layerNormEps: config.layer_norm_eps,
    patchSize: config.patch_size,
    layerScale: true,
    distillationToken: false,
    maskToken: config.use_mask_token,
    reads: "class and patches",
  } as const;
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
  const result = schema.safeParse(json, { reportInput: true });
  if (result.success) return result.data;
  const { path, message, input } = result.error.issues[0];
  const key = path.length > 0 ? quoted(path.join(".")) : "the content";
  throw new UserError(
    `Cannot use ${key} of ${where}: ${input === undefined ? "it is missing" : message}`,
    {
      hint: "It must be a model configuration as Hugging Face transformers writes it",
    },
  );
}
