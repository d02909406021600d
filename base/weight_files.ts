import { join } from "node:path";
import { messageOf, UserError } from "./errors.ts";
import { isFileName } from "./file_name.ts";
import { isRecord, parseJson } from "./json.ts";
import { quoted } from "./printable.ts";

/** A checkpoint's weights in one file, as Hugging Face's `save_pretrained` calls it. */
export const WEIGHTS = "model.safetensors";

/** Says which shard has which tensor, where there are several. */
export const WEIGHTS_INDEX = `${WEIGHTS}.index.json`;

/** The weight files of a model folder, by name. */
export interface WeightFiles {
  /** Set where there are shards. */
  readonly index?: string;
  /** safetensors files, sorted; all of them are there. */
  readonly weights: readonly string[];
}

/**
 * Finds the weights in a model folder: `model.safetensors`, or an index and its shards.
 * @throws {UserError} if it has none that can be read, or lacks one that the index names.
 */
export function findWeights(folder: string): WeightFiles {
  const model = `the model in ${folder}`;
  let there: Set<string>;
  try {
    there = new Set(Array.from(Deno.readDirSync(folder), ({ name }) => name));
  } catch (cause) {
    throw new UserError(`Cannot read ${model}: ${messageOf(cause)}`, { cause });
  }
  if (there.has(WEIGHTS)) return { weights: [WEIGHTS] };
  if (there.has(WEIGHTS_INDEX)) {
    const weights = readShards(join(folder, WEIGHTS_INDEX), model);
    const absent = weights.find((name) => !there.has(name));
    if (absent === undefined) return { index: WEIGHTS_INDEX, weights };
    throw new UserError(`Cannot use ${model}: ${absent} is missing, which ${WEIGHTS_INDEX} names`);
  }
  const pickle = [...there].sort().find((name) => /\.(bin|pt|pth|ckpt)$/.test(name));
  if (pickle === undefined) throw new UserError(`Cannot use ${model}: it has no ${WEIGHTS}`);
  const { reason, hint } = refusalOfPickle(pickle, `"${folder}"`);
  throw new UserError(`Cannot use ${model}: ${reason}`, { hint });
}

/**
 * Reads the names of the shards in an index, sorted. They may lead nowhere but into its own folder.
 *
 * @param path The index.
 * @param model Whose it is, for errors.
 * @throws {UserError} if it is not one.
 */
export function readShards(path: string, model: string): string[] {
  const wrong = (what: string, cause?: unknown) =>
    new UserError(`Cannot use ${model}: its ${WEIGHTS_INDEX} ${what}`, { cause });
  let index: unknown;
  try {
    index = parseJson(Deno.readTextFileSync(path));
  } catch (cause) {
    throw wrong(`can't be read: ${messageOf(cause)}`, cause);
  }
  const map = isRecord(index) ? index.weight_map : undefined;
  if (!isRecord(map)) throw wrong("has no weight_map from tensors to files");
  const names = new Set<string>();
  for (const [tensor, name] of Object.entries(map)) {
    if (typeof name !== "string" || !isFileName(name)) {
      throw wrong(
        `names ${quoted(name)} for ${quoted(tensor)} in its weight_map, which is no file name`,
      );
    }
    names.add(name);
  }
  if (names.size === 0) throw wrong("names no weights");
  return [...names].sort();
}

/**
 * Why pickled weights are not read, the end of a sentence about a model, and what to do.
 * @param file Its name.
 * @param source The arguments, in Python, with which `from_pretrained` finds the model.
 */
export function refusalOfPickle(file: string, source: string): { reason: string; hint: string } {
  return {
    reason: `its weights are pickled (${file}), which can run code and is not read`,
    hint: `Convert them in Python with AutoModelForImageClassification.from_pretrained(${source})` +
      '.save_pretrained("FOLDER") and name FOLDER instead',
  };
}
