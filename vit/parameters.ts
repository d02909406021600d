import { gridOf, type ModelConfig, prefixPositions } from "./model_config.ts";
import { BACKBONE, isHead } from "./names.ts";

/** Which part of a model a tensor belongs to. Blocks count from below. */
export type Part = "embeddings" | `block ${number}` | "norm" | "head";

/** A tensor that a model must have. */
export interface ParameterSpec {
  /** As in the file of a Hugging Face classifier, with the family's name in front. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly part: Part;
  /** Carried along from checkpoint to checkpoint; no logit depends on it. Zeros where it is missing. */
  readonly carried?: true;
}

/** The heads, by what they read: names of dense layers. */
export const CLASSIFIERS: Record<ModelConfig["reads"], readonly string[]> = {
  "class": ["classifier"],
  "class and distillation": ["cls_classifier", "distillation_classifier"],
  "class and patches": ["classifier"],
};

/** Layers of one block. */
export type Layer = keyof typeof VIT_BLOCK;

const VIT_BLOCK = {
  normBefore: "layernorm_before",
  query: "attention.attention.query",
  key: "attention.attention.key",
  value: "attention.attention.value",
  attentionOutput: "attention.output.dense",
  normAfter: "layernorm_after",
  intermediate: "intermediate.dense",
  output: "output.dense",
} as const;

const DINOV2_BLOCK: Record<Layer, string> = {
  ...VIT_BLOCK,
  normBefore: "norm1",
  normAfter: "norm2",
  intermediate: "mlp.fc1",
  output: "mlp.fc2",
};

const SWIGLU_BLOCK: Record<Layer, string> = {
  ...DINOV2_BLOCK,
  intermediate: "mlp.weights_in",
  output: "mlp.weights_out",
};

/** A block's scales by channel: of what attention gives, and of what the MLP gives. */
const LAYER_SCALES = { attentionOutput: "layer_scale1", output: "layer_scale2" } as const;

/**
 * Every tensor of a model, from the pixels up, under the names that the family's
 * `…ForImageClassification` has on disk. A file of the backbone alone has them without the family.
 *
 * @param config The head is left out where it has no labels.
 */
export function parametersOf(config: ModelConfig): ParameterSpec[] {
  const { family, hiddenSize: width, channels, patchSize, labels } = config;
  const [down, across] = gridOf(config);
  const embeddings = (name: string, shape: number[], rest = {}): ParameterSpec => ({
    name: `${family}.embeddings.${name}`,
    shape,
    part: "embeddings",
    ...rest,
  });
  const inputs = config.reads === "class and patches" ? 2 * width : width;
  return [
    embeddings("cls_token", [1, 1, width]),
    ...(config.distillationToken ? [embeddings("distillation_token", [1, 1, width])] : []),
    ...(config.maskToken ? [embeddings("mask_token", [1, width], { carried: true })] : []),
    ...(config.registers > 0 ? [embeddings("register_tokens", [1, config.registers, width])] : []),
    embeddings("position_embeddings", [1, prefixPositions(config) + down * across, width]),
    embeddings("patch_embeddings.projection.weight", [width, channels, ...patchSize]),
    embeddings("patch_embeddings.projection.bias", [width]),
    ...Array.from({ length: config.blocks }, (_, block) => blockParameters(block, config)).flat(),
    ...norm(`${family}.layernorm`, width),
    ...(labels.length > 0
      ? CLASSIFIERS[config.reads].flatMap((name) => dense(name, inputs, labels.length))
      : []),
  ];
}

/** Names of the tensors that logits depend on: those that can be trained. */
export function trainableNames(config: ModelConfig): string[] {
  return parametersOf(config).filter(({ carried }) => !carried).map(({ name }) => name);
}

/** Full name of a block's layer, without `.weight` or `.bias`. */
export function blockTensor(block: number, layer: Layer, config: ModelConfig): string {
  const layers = config.mlp === "swiglu"
    ? SWIGLU_BLOCK
    : config.layerScale
    ? DINOV2_BLOCK
    : VIT_BLOCK;
  return `${config.family}.encoder.layer.${block}.${layers[layer]}`;
}

/** Full name of the scale by channel after a block's layer. */
export function layerScale(
  block: number,
  layer: keyof typeof LAYER_SCALES,
  { family }: ModelConfig,
): string {
  return `${family}.encoder.layer.${block}.${LAYER_SCALES[layer]}.lambda1`;
}

/** Names of a block's tensors. */
export function tensorsOf(block: number, config: ModelConfig): string[] {
  return blockParameters(block, config).map(({ name }) => name);
}

/**
 * The part that a tensor belongs to, by its name in a file, with or without the family in front.
 * @throws {RangeError} if no tensor of a model has this name.
 */
export function partOf(name: string): Part {
  const plain = name.replace(BACKBONE, "");
  const block = /^encoder\.layer\.(\d+)\./.exec(plain);
  if (block) return `block ${Number(block[1])}`;
  if (plain.startsWith("embeddings.")) return "embeddings";
  if (plain.startsWith("layernorm.")) return "norm";
  if (isHead(plain)) return "head";
  throw new RangeError(`Cannot place the tensor "${name}": no part of a model has this name`);
}

/** Numbers in a tensor. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}

function blockParameters(block: number, config: ModelConfig): ParameterSpec[] {
  const { hiddenSize: width, intermediateSize, qkvBias } = config;
  const name = (layer: Layer) => blockTensor(block, layer, config);
  const scale = (layer: keyof typeof LAYER_SCALES): ParameterSpec[] =>
    config.layerScale
      ? [{ name: layerScale(block, layer, config), shape: [width], part: `block ${block}` }]
      : [];
  return [
    ...norm(name("normBefore"), width),
    ...dense(name("query"), width, width, qkvBias),
    ...dense(name("key"), width, width, qkvBias),
    ...dense(name("value"), width, width, qkvBias),
    ...dense(name("attentionOutput"), width, width),
    ...scale("attentionOutput"),
    ...norm(name("normAfter"), width),
    // SwiGLU's first matrix gives the gate and what it gates.
    ...dense(name("intermediate"), width, intermediateSize * (config.mlp === "swiglu" ? 2 : 1)),
    ...dense(name("output"), intermediateSize, width),
    ...scale("output"),
  ];
}

/** A layer norm's scale and shift. */
function norm(name: string, width: number): ParameterSpec[] {
  const part = partOf(`${name}.`);
  return [
    { name: `${name}.weight`, shape: [width], part },
    { name: `${name}.bias`, shape: [width], part },
  ];
}

/** A dense layer as PyTorch keeps it: the weight is `[outputs, inputs]`. */
function dense(name: string, inputs: number, outputs: number, bias = true): ParameterSpec[] {
  const part = partOf(`${name}.`);
  const weight = { name: `${name}.weight`, shape: [outputs, inputs], part };
  return bias ? [weight, { name: `${name}.bias`, shape: [outputs], part }] : [weight];
}
