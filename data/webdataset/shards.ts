import { dirname, join, normalize } from "node:path";
import { UserError } from "../../base/errors.ts";
import { type SplitName, splitOf } from "../labels.ts";
import { sorted } from "../imagefolder_list.ts";
import { ParameterError } from "../parameter_error.ts";

/** Shards of each split, relative to a folder with `/`, sorted. */
export interface Shards {
  readonly root: string;
  /** The folder as errors name it; "" where that is the project's own. */
  readonly shown: string;
  readonly splits: {
    readonly train: readonly string[];
    validation?: readonly string[];
    test?: readonly string[];
  };
}

/** Most names that braces may stand for. */
const MAX_NAMES = 100_000;

/**
 * `a-{00..02}.{x,y}` to all names that it stands for, in order.
 * @throws {UserError} if a brace is not closed, or they stand for too many.
 */
export function expandBraces(pattern: string): string[] {
  const open = pattern.indexOf("{");
  if (open < 0) return [pattern];
  const close = pattern.indexOf("}", open);
  if (close < 0) throw new UserError(`Cannot read ${pattern}: its brace is not closed`);
  const [before, inside] = [pattern.slice(0, open), pattern.slice(open + 1, close)];
  const range = /^(\d+)\.\.(\d+)$/.exec(inside);
  const count = range ? Number(range[2]) - Number(range[1]) + 1 : 0;
  if (range && !(count >= 1 && count <= MAX_NAMES)) {
    throw new UserError(`Cannot read ${pattern}: {${inside}} stands for no names, or too many`);
  }
  const words = range
    ? Array.from(
      { length: count },
      (_, i) => String(Number(range[1]) + i).padStart(range[1].length, "0"),
    )
    : inside.split(",");
  const rests = expandBraces(pattern.slice(close + 1));
  if (words.length * rests.length > MAX_NAMES) {
    throw new UserError(`Cannot read ${pattern}: it stands for more than ${MAX_NAMES} names`);
  }
  return words.flatMap((word) => rests.map((rest) => before + word + rest));
}

/**
 * Finds shards: all `*.tar` of a folder and of the folders in it, or those that a pattern with braces
 * stands for. Their splits are told by their names (`train-0001.tar`) or else by their folders
 * (`val/0001.tar`); without any such word all are to train on.
 *
 * @param path A folder, a shard, or a pattern, absolute.
 * @param shown The same as errors name it.
 * @param patterns Shards of a split where they are said, relative to the folder.
 * @throws {UserError}
 */
export function findShards(
  path: string,
  shown: string,
  patterns: Partial<Record<SplitName, string>> = {},
): Shards {
  const said = Object.entries(patterns).filter(([, pattern]) => pattern !== undefined);
  if (said.length > 0) {
    if (!patterns.train) {
      throw new ParameterError(
        said[0][0],
        `Cannot tell the training shards of ${shown}: say "train" beside "${said[0][0]}"`,
      );
    }
    const splits = Object.fromEntries(said.map(([split, pattern]) => {
      try {
        const names = sorted(expandBraces(pattern));
        for (const name of names) checkShard(join(path, name), `${shown}/${name}`);
        return [split, names];
      } catch (error) {
        throw error instanceof UserError ? new ParameterError(split, error.message) : error;
      }
    }));
    checkApart(splits, shown);
    return { root: path, shown, splits: splits as unknown as Shards["splits"] };
  }
  if (/[{]|\.tar(\.\w+)?$|\.tgz$/.test(shown)) {
    const before = (pattern: string) => dirname(pattern.replace(/\{.*/s, "x"));
    const root = before(path);
    const called = expandBraces(shown);
    const all = expandBraces(path);
    all.forEach((name, i) => checkShard(name, called[i] ?? name));
    const names = sorted(all.map((name) => name.slice(root.length + 1)));
    return { root, shown: before(shown).replace(/^\.$/, ""), splits: splitByName(names, shown) };
  }
  const names = listTars(path, shown);
  return { root: path, shown, splits: splitByName(names, shown) };
}

/** No shard is read twice: what is trained on can't be a test, and counts once. */
function checkApart(splits: Readonly<Record<string, readonly string[]>>, shown: string): void {
  const seen = new Set<string>();
  for (const [split, names] of Object.entries(splits)) {
    for (const name of names.map((name) => normalize(name))) {
      if (seen.has(name)) {
        throw new ParameterError(
          split,
          `Cannot use ${name} of ${shown} twice: splits share no shard`,
        );
      }
      seen.add(name);
    }
  }
}

/** The shards of a folder and of those in it. */
function listTars(path: string, shown: string): string[] {
  const found: string[] = [];
  const packed: string[] = [];
  const look = (folder: string, depth: number) => {
    for (const { name, isDirectory, isSymlink } of Deno.readDirSync(join(path, folder))) {
      if (name.startsWith(".")) continue;
      const inside = folder === "" ? name : `${folder}/${name}`;
      const isFolder = isDirectory ||
        (isSymlink && Deno.statSync(join(path, inside)).isDirectory);
      if (isFolder && depth < 1) look(inside, depth + 1);
      else if (!isFolder && name.endsWith(".tar")) found.push(inside);
      else if (!isFolder && /\.(tar\.\w+|tgz)$/.test(name)) packed.push(inside);
    }
  };
  try {
    look("", 0);
  } catch (cause) {
    const why = cause instanceof Deno.errors.NotFound
      ? "there is no such folder, or a link in it leads nowhere"
      : "it can't be listed";
    throw new UserError(`Cannot read ${shown}: ${why}`, { cause });
  }
  if (packed.length > 0) checkShard(join(path, packed[0]), `${shown}/${packed[0]}`);
  if (found.length === 0) throw new UserError(`Cannot find any shards (*.tar) in ${shown}`);
  return sorted(found);
}

function checkShard(path: string, shown: string): void {
  if (/\.(tar\.\w+|tgz)$/.test(path)) {
    throw new UserError(
      `Cannot use ${shown}: it is compressed, and images are read by their place in the shard; unpack it to .tar (gunzip)`,
    );
  }
  try {
    if (Deno.statSync(path).isFile) return;
  } catch {
    // told below
  }
  throw new UserError(`Cannot read ${shown}: there is no such shard`);
}

function splitByName(names: readonly string[], shown: string): Shards["splits"] {
  const splits: Partial<Record<SplitName, string[]>> = {};
  const strange: string[] = [];
  for (const name of names) {
    const split = wordOf(name);
    if (split === undefined) strange.push(name);
    else (splits[split] ??= []).push(name);
  }
  if (strange.length === names.length) return { train: names };
  if (strange.length > 0) {
    throw new UserError(
      `Cannot tell the split of ${
        strange[0]
      } in ${shown}: its name begins with none of train, val and test, as others do; say train, validation and test in the config`,
    );
  }
  if (!splits.train) {
    throw new UserError(
      `Cannot find any shards to train on in ${shown}: no name begins with train`,
    );
  }
  return splits as Shards["splits"];
}

/** The split that a shard's name begins with, or its folder's name. */
function wordOf(name: string): SplitName | undefined {
  for (const part of name.split("/").reverse()) {
    const word = /^[a-z]+/i.exec(part)?.[0];
    const split = word === undefined ? undefined : splitOf(word);
    if (split !== undefined) return split;
  }
}
