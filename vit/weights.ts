import { join } from "node:path";
import { UserError } from "../base/errors.ts";
import { random } from "../base/random.ts";
import { openSafetensors, type SafetensorsFile } from "../base/safetensors.ts";
import { findWeights } from "../base/weight_files.ts";
import type { ModelConfig } from "./model_config.ts";
import type { HostTensor } from "./host_tensor.ts";
import { diskName, isHead } from "./names.ts";
import { parametersOf, partOf, sizeOf } from "./parameters.ts";

export type { HostTensor } from "./host_tensor.ts";

/** Left aside: the pooler after the class token, the token of masked pretraining, row numbers. */
const UNUSED = /^\w+\.(pooler\.|embeddings\.(mask_token|position_ids)$)/;

/** A tensor of a file. */
interface Source {
  readonly file: SafetensorsFile;
  readonly as: string;
  /** Which half of the model's tensor it is, where a file has it in two. */
  readonly half?: 0 | 1;
}

/**
 * Reads the weights of a model folder: `model.safetensors`, or shards with an index. Half-precision
 * weights are widened. Names become those of a classifier's checkpoint as transformers writes it,
 * whether the file is a backbone's (without the family in front) or has the names that transformers
 * 5 uses in memory. A head is returned only where the files have one.
 *
 * @param folder Holds the files.
 * @param config Says which tensors there must be, and their shapes.
 * @param warn Told of tensors that are left aside, the pooler for one, and of dropout.
 * @returns Tensors by name.
 * @throws {UserError} naming tensors that are missing, left over or of another shape.
 */
export async function readWeights(
  folder: string,
  config: ModelConfig,
  warn: (text: string) => void = () => {},
): Promise<Map<string, HostTensor>> {
  return await withFiles(folder, (files) => {
    const { sources, aside, expected } = match(files, folder, config);
    if (aside.length > 0) {
      warn(`Left aside, as a classifier does not use them: ${aside.join(", ")}`);
    }
    if (config.dropout > 0) {
      warn(`Dropout of ${config.dropout}, as config.json has it, is not applied in training`);
    }
    const weights = new Map<string, HostTensor>();
    for (const { name, shape } of expected) {
      weights.set(name, { shape: [...shape], data: read(sources.get(name) ?? [], sizeOf(shape)) });
    }
    return weights;
  });
}

/**
 * Compares names and shapes in the files of a model folder with its config, and reads no number.
 * @returns Whether the files have a head.
 * @throws {UserError} as {@linkcode readWeights} does.
 */
export async function checkWeights(folder: string, config: ModelConfig): Promise<boolean> {
  return await withFiles(
    folder,
    (files) => match(files, folder, config).expected.some(({ part }) => part === "head"),
  );
}

/** Finds every tensor of the model in the files, and all that must be there. */
function match(files: readonly SafetensorsFile[], folder: string, config: ModelConfig) {
  const { sources, aside } = findTensors(files, folder, config);
  const headless = ![...sources.keys()].some(isHead);
  const expected = parametersOf(config).filter(({ part }) => !(headless && part === "head"));
  const lacking = expected.filter(({ name, carried }) =>
    !(carried && !sources.has(name)) && !isWhole(sources.get(name))
  );
  check(folder, "lacks", lacking.map(({ name }) => name));
  const known = new Set(expected.map(({ name }) => name));
  const leftOver = [...sources].filter(([name]) => !known.has(name));
  check(
    folder,
    "has, beyond what its config.json describes,",
    leftOver.flatMap(([, some]) => some.map(({ as }) => as)),
  );
  // Every shape before any number: a config that describes another model costs no memory.
  for (const { name, shape } of expected) checkShapes(folder, sources.get(name) ?? [], shape);
  return { sources, aside, expected };
}

/** Which tensors of the files are which of the model's, and which are of no use to it. */
function findTensors(
  files: readonly SafetensorsFile[],
  folder: string,
  config: ModelConfig,
): { sources: Map<string, Source[]>; aside: string[] } {
  const sources = new Map<string, Source[]>();
  const aside: string[] = [];
  for (const file of files) {
    for (const as of file.names) {
      const { name, half } = diskName(as, config);
      if (UNUSED.test(name) && !(config.maskToken && name.endsWith("mask_token"))) {
        aside.push(as);
        continue;
      }
      const others = sources.get(name) ?? [];
      const same = others.some((o) => o.half === half || [o.half, half].includes(undefined));
      if (same) check(folder, "has twice", [as]);
      sources.set(name, [...others, { file, as, half }].sort((a, b) => a.half! - b.half!));
    }
  }
  return { sources, aside };
}

function isWhole(sources: readonly Source[] | undefined): boolean {
  return sources !== undefined && sources.length === (sources[0].half === undefined ? 1 : 2);
}

function checkShapes(
  folder: string,
  sources: readonly Source[],
  [rows, ...rest]: readonly number[],
): void {
  const expected = [rows / sources.length, ...rest].join(", ");
  for (const { file, as } of sources) {
    const found = file.info(as).shape.join(", ");
    if (found === expected) continue;
    throw new UserError(
      `Cannot use the model in ${folder}: ${as} is [${found}], its config.json makes it [${expected}]`,
    );
  }
}

function read(sources: readonly Source[], size: number): Float32Array {
  if (sources.length === 1) return sources[0].file.float32(sources[0].as);
  const data = new Float32Array(size);
  sources.forEach(({ file, as }, i) => data.set(file.float32(as), i * size / sources.length));
  return data;
}

/**
 * A new head: weights from a normal distribution with the model's initializer_range, bias 0.
 *
 * @param config Of the model; its labels do not count.
 * @param classes How many it shall tell apart.
 * @param seed Decides the numbers (stream "head").
 */
export function newHead(
  config: ModelConfig,
  classes: number,
  seed: number,
): Map<string, HostTensor> {
  const generator = random(seed, "head");
  const head = new Map<string, HostTensor>();
  const labels = Array.from({ length: classes }, String);
  for (const { name, shape, part } of parametersOf({ ...config, labels })) {
    if (part !== "head") continue;
    const data = new Float32Array(sizeOf(shape));
    const isWeight = shape.length > 1;
    if (isWeight) data.forEach((_, i) => data[i] = config.initializerRange * generator.normal());
    head.set(name, { shape: [...shape], data });
  }
  return head;
}

/** Whether these weights have a head. */
export function hasHead(weights: ReadonlyMap<string, HostTensor>): boolean {
  return [...weights.keys()].some((name) => partOf(name) === "head");
}

/** Opens the weights of a folder for as long as `use` works. */
async function withFiles<T>(
  folder: string,
  use: (files: readonly SafetensorsFile[]) => T,
): Promise<T> {
  const files: SafetensorsFile[] = [];
  try {
    for (const name of findWeights(folder).weights) {
      files.push(await openSafetensors(join(folder, name)));
    }
    return use(files);
  } finally {
    for (const file of files) file[Symbol.dispose]();
  }
}

/** Throws naming the first few of `names`, if there are any. */
function check(folder: string, what: string, names: string[]): void {
  if (names.length === 0) return;
  const shown = names.slice(0, 3).join(", ");
  const rest = names.length > 3 ? ` and ${names.length - 3} more` : "";
  throw new UserError(`Cannot use the model in ${folder}: it ${what} ${shown}${rest}`, {
    hint: "config.json and the weights must be those of one model",
  });
}
