import { join } from "node:path";
import { type TensorToWrite, writeSafetensors } from "../base/safetensors.ts";
import type { BaselineFamily } from "./baselines/config.ts";
import type { HostTensor } from "./host_tensor.ts";
import type { Family } from "./model_config.ts";
import { isHead } from "./names.ts";

/** What a checkpoint's three files are made of. */
export interface CheckpointContent {
  /**
   * config.json of the model that this one came from, parsed as it was written (base/json.ts); every
   * key of it is kept.
   */
  readonly config: Readonly<Record<string, unknown>>;
  /** Classes in the order of their indices. */
  readonly labels: readonly string[];
  /** Height and width that the position embeddings are for, pixels. */
  readonly imageSize: readonly [height: number, width: number];
  readonly weights: ReadonlyMap<string, HostTensor>;
  /** preprocessor_config.json. */
  readonly preprocessor: Readonly<Record<string, unknown>>;
}

/**
 * Writes a classifier as `save_pretrained` of the family's Hugging Face class does, in 32-bit
 * floats whatever it came in: config.json, model.safetensors, preprocessor_config.json. The same
 * content gives the same bytes.
 *
 * @param folder Must be there.
 * @throws {RangeError} if the weights have no head, or one of another number of classes.
 */
export async function writeCheckpoint(folder: string, content: CheckpointContent): Promise<void> {
  const { labels, weights } = content;
  const heads = [...weights].filter(([name]) => isHead(name));
  if (heads.length === 0 || heads.some(([, { shape }]) => shape[0] !== labels.length)) {
    const classes = heads.at(0)?.[1].shape[0] ?? 0;
    throw new RangeError(
      `Cannot write a checkpoint of ${labels.length} classes: its head has ${classes}`,
    );
  }
  const tensors = [...weights].map(([name, { shape, data }]): [string, TensorToWrite] => [
    name,
    { dtype: "F32", shape, data },
  ]);
  await writeJson(join(folder, "config.json"), classifierConfig(content));
  await writeJson(join(folder, "preprocessor_config.json"), content.preprocessor);
  const path = join(folder, "model.safetensors");
  await writeSafetensors(path, Object.fromEntries(tensors), { format: "pt" });
}

/** Classes of transformers that classify images; where a family has two, the first is the usual one. */
const ARCHITECTURES: Record<Family | BaselineFamily, readonly string[]> = {
  vit: ["ViTForImageClassification"],
  deit: ["DeiTForImageClassification", "DeiTForImageClassificationWithTeacher"],
  dinov2: ["Dinov2ForImageClassification"],
  dinov2_with_registers: ["Dinov2WithRegistersForImageClassification"],
  // No classes of transformers: what these are called in its manner.
  cnn: ["CnnForImageClassification"],
  rnn: ["RnnForImageClassification"],
};

/** The old config with what is new: classes, architecture, number type. */
function classifierConfig({ config, labels, imageSize }: CheckpointContent) {
  const { num_labels: _, dtype, ...kept } = config; // id2label says how many; transformers drops it too
  return {
    ...kept,
    architectures: [architectureOf(config)],
    image_size: sizeOf(config.image_size, imageSize),
    id2label: Object.fromEntries(labels.map((label, index) => [String(index), label])),
    label2id: Object.fromEntries(labels.map((label, index) => [label, index])),
    // transformers 5 calls it dtype, and would go by that where both are there.
    ...(dtype === undefined ? {} : { dtype: "float32" }),
    torch_dtype: "float32",
  };
}

/** The old one where it has a head, else that of its family. */
function architectureOf({ architectures, model_type }: CheckpointContent["config"]): string {
  const known = ARCHITECTURES[model_type as Family | BaselineFamily];
  const old = Array.isArray(architectures) ? architectures : [];
  return known.find((name) => old.includes(name)) ?? known[0];
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await Deno.writeTextFile(path, JSON.stringify(value, null, 2) + "\n");
}

/** As the old config has it where that is the same size, so that its form stays. */
function sizeOf(old: unknown, [height, width]: readonly [number, number]): unknown {
  const [oldHeight, oldWidth] = Array.isArray(old) ? old : [old, old];
  if (oldHeight === height && oldWidth === width) return old;
  return height === width ? height : [height, width];
}
