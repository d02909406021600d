import { FAMILIES, type ModelConfig } from "./model_config.ts";

/** What the names of a backbone's tensors begin with in a classifier's file. */
export const BACKBONE = new RegExp(`^(${FAMILIES.join("|")})\\.`);

const HEAD = /^((cls_|distillation_)?classifier)\./;

/** Modules that transformers 5 has renamed in memory, and their names on disk. */
const RENAMED: readonly [now: RegExp, onDisk: string][] = [
  [/^layers\./, "encoder.layer."],
  [/\.attention\.q_proj\./, ".attention.attention.query."],
  [/\.attention\.k_proj\./, ".attention.attention.key."],
  [/\.attention\.v_proj\./, ".attention.attention.value."],
  [/\.attention\.o_proj\./, ".attention.output.dense."],
  [/\.mlp\.down_proj\./, ".mlp.weights_out."],
];

/** In ViT and DeiT only: DINOv2 has always called them so. */
const RENAMED_MLP: readonly [now: RegExp, onDisk: string][] = [
  [/\.mlp\.fc1\./, ".intermediate.dense."],
  [/\.mlp\.fc2\./, ".output.dense."],
];

/** SwiGLU's first matrix in two, in their order in the one. */
const HALVES = /\.mlp\.(gate|up)_proj\./;

/** Whether a tensor belongs to a head, by its name. */
export function isHead(name: string): boolean {
  return HEAD.test(name);
}

/** Where a tensor of a file belongs. */
export interface DiskName {
  /** Under which {@linkcode parametersOf} has it. */
  readonly name: string;
  /** Where it is the upper or the lower half of that: 0 or 1. */
  readonly half?: 0 | 1;
}

/**
 * The name on disk of what a file calls by any of its spellings: with or without the family in
 * front, as transformers writes it or as it is called in the memory of transformers 5.
 */
export function diskName(as: string, config: ModelConfig): DiskName {
  if (isHead(as)) return { name: as };
  let plain = as.startsWith(`${config.family}.`) ? as.slice(config.family.length + 1) : as;
  const renamed = config.layerScale ? RENAMED : [...RENAMED, ...RENAMED_MLP];
  for (const [now, onDisk] of renamed) plain = plain.replace(now, onDisk);
  const half = HALVES.exec(plain);
  const name = `${config.family}.${plain.replace(HALVES, ".mlp.weights_in.")}`;
  return half ? { name, half: half[1] === "gate" ? 0 : 1 } : { name };
}
