import { type ModelConfig, tokensOf } from "./config.ts";

/** Which part of a model a tensor belongs to. Blocks count from below. */
export type Part = "embeddings" | `block ${number}` | "norm" | "head";

/** A tensor that a model must have. */
export interface ParameterSpec {
  /** As in the file of a Hugging Face classifier, with `vit.` in front. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly part: Part;
}

/** Tensors of one block, by their names after `vit.encoder.layer.N.`. */
export const BLOCK_TENSORS = {
  normBefore: "layernorm_before",
  query: "attention.attention.query",
  key: "attention.attention.key",
  value: "attention.attention.value",
  attentionOutput: "attention.output.dense",
  normAfter: "layernorm_after",
  intermediate: "intermediate.dense",
  output: "output.dense",
} as const;

/**
 * Every tensor of a model, from the pixels up, under the names that Hugging Face's
 * ViTForImageClassification has on disk. A file of the backbone alone has them without `vit.`.
 *
 * @param config The head is left out where it has no labels.
 */
export function parametersOf(config: ModelConfig): ParameterSpec[] {
  const { hiddenSize: width, channels, patchSize, labels } = config;
  const embeddings = (name: string, shape: number[]): ParameterSpec => ({
    name: `vit.embeddings.${name}`,
    shape,
    part: "embeddings",
  });
  return [
    embeddings("cls_token", [1, 1, width]),
    embeddings("position_embeddings", [1, tokensOf(config), width]),
    embeddings("patch_embeddings.projection.weight", [width, channels, ...patchSize]),
    embeddings("patch_embeddings.projection.bias", [width]),
    ...Array.from({ length: config.blocks }, (_, block) => blockParameters(block, config)).flat(),
    ...norm("vit.layernorm", width),
    ...(labels.length > 0 ? dense("classifier", width, labels.length) : []),
  ];
}

/** Full name of a block's layer, without `.weight` or `.bias`. */
export function blockTensor(block: number, layer: keyof typeof BLOCK_TENSORS): string {
  return `vit.encoder.layer.${block}.${BLOCK_TENSORS[layer]}`;
}

/** Names of a block's tensors. */
export function tensorsOf(block: number, config: ModelConfig): string[] {
  return blockParameters(block, config).map(({ name }) => name);
}

/**
 * The part that a tensor belongs to, by its name in a file, with or without `vit.`.
 * @throws {RangeError} if no tensor of a model has this name.
 */
export function partOf(name: string): Part {
  const plain = name.replace(/^vit\./, "");
  const block = /^encoder\.layer\.(\d+)\./.exec(plain);
  if (block) return `block ${Number(block[1])}`;
  if (plain.startsWith("embeddings.")) return "embeddings";
  if (plain.startsWith("layernorm.")) return "norm";
  if (plain.startsWith("classifier.")) return "head";
  throw new RangeError(`Cannot place the tensor "${name}": no part of a model has this name`);
}

/** Numbers in a tensor. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}

function blockParameters(block: number, config: ModelConfig): ParameterSpec[] {
  const { hiddenSize: width, intermediateSize, qkvBias } = config;
  return [
    ...norm(blockTensor(block, "normBefore"), width),
    ...dense(blockTensor(block, "query"), width, width, qkvBias),
    ...dense(blockTensor(block, "key"), width, width, qkvBias),
    ...dense(blockTensor(block, "value"), width, width, qkvBias),
    ...dense(blockTensor(block, "attentionOutput"), width, width),
    ...norm(blockTensor(block, "normAfter"), width),
    ...dense(blockTensor(block, "intermediate"), width, intermediateSize),
    ...dense(blockTensor(block, "output"), intermediateSize, width),
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
