import { UserError } from "../../base/errors.ts";
import { ParameterError } from "../parameter_error.ts";
import { sorted } from "../imagefolder_list.ts";
import type { Card, CardConfig } from "./card.ts";
import { matcher } from "./glob.ts";

/** The parquet files of one config of a data set. */
export interface Layout {
  readonly config: string;
  /** By split, in the order of their rows. */
  readonly splits: ReadonlyMap<string, readonly string[]>;
}

/** Which splits of a data set serve for what. */
export interface Roles {
  readonly train: string;
  readonly validation?: string;
  readonly test?: string;
}

/** Words for a split in names of files and folders, as `datasets` knows them. */
const WORDS: readonly [split: string, words: RegExp][] = [
  ["train", /(^|[^a-z0-9])(train|training)([^a-z0-9]|$)/i],
  ["validation", /(^|[^a-z0-9])(validation|valid|dev|val)([^a-z0-9]|$)/i],
  ["test", /(^|[^a-z0-9])(test|testing|eval|evaluation)([^a-z0-9]|$)/i],
];
/** `train-00000-of-00002.parquet`, `train-00000-of-00002-0123456789abcdef.parquet`. */
const SHARD = /^(.+?)-\d{5}-of-\d{5}(-[0-9a-f]+)?\.parquet$/;
/** `CONFIG/SPLIT/0000.parquet`, as the Hub converts. */
const CONVERTED = /^([^/]+)\/([^/]+)\/\d{4,}\.parquet$/;

/**
 * Finds the parquet files of a config by the card's `configs`, or else by their names, as Hugging
 * Face's `datasets` does: `data/train-00000-of-00002.parquet`, `CONFIG/train-….parquet`,
 * `CONFIG/SPLIT/0000.parquet`, or a split's word in the path; all is `train` where there is none.
 *
 * @param files All files of the data set, relative, with `/`.
 * @param called What errors call the data set.
 * @param wanted The config; may be left out where there is one, or a default.
 * @returns undefined where it has no parquet files.
 * @throws {UserError} if there is no such config, or there are several.
 */
export function layoutOf(
  files: readonly string[],
  card: Card,
  called: string,
  wanted?: string,
): Layout | undefined {
  const parquet = sorted(
    files.filter((file) => /\.parquet$/i.test(file) && !/(^|\/)[._]/.test(file)),
  );
  const configs = new Map<string, Layout["splits"]>();
  for (const config of card.configs) {
    const splits = filesOf(config, parquet);
    if (splits.size > 0) configs.set(config.name, splits);
  }
  if (configs.size === 0) {
    for (const [name, own] of byFolder(parquet)) configs.set(name, bySplit(own, name));
  }
  if (configs.size === 0) return undefined;
  const byDefault = card.configs.find(({ isDefault, name }) => isDefault && configs.has(name))
    ?.name;
  const names = [...configs.keys()];
  const config = wanted ?? (names.length === 1 ? names[0] : byDefault) ??
    (configs.has("default") ? "default" : undefined);
  const splits = config === undefined ? undefined : configs.get(config);
  if (splits) return { config: config!, splits };
  const listed = names.slice(0, 12).join(", ") + (names.length > 12 ? ", …" : "");
  throw config === undefined
    ? new UserError(`Cannot tell which config of ${called} is meant: it has ${listed}`, {
      hint: `Write config: ${names[0]} beside it, or another of them`,
    })
    : new ParameterError(
      "config",
      `Cannot find the config "${config}" of ${called}: it has ${listed}`,
    );
}

/**
 * Which splits to train, validate and test with: those that the config names, else those with the
 * usual names. A split that the config gives one task is not taken for another.
 *
 * @throws {UserError} if a split that is named is not there, or none is there to train on.
 */
export function rolesOf({ splits }: Layout, wanted: Partial<Roles>, called: string): Roles {
  const names = [...splits.keys()];
  const listed = `it has ${names.join(", ")}`;
  for (const [role, name] of Object.entries(wanted)) {
    if (name !== undefined && !splits.has(name)) {
      throw new ParameterError(
        role,
        `Cannot find the ${role} split "${name}" of ${called}: ${listed}`,
      );
    }
  }
  const given = Object.values(wanted).filter((name) => name !== undefined);
  if (new Set(given).size < given.length) {
    throw new UserError(`Cannot use a split of ${called} twice: train, validation and test differ`);
  }
  const usual = (choices: readonly string[]) =>
    choices.find((name) => splits.has(name) && !given.includes(name));
  const train = wanted.train ?? usual(["train", "training"]) ??
    (names.length === 1 ? names[0] : undefined);
  if (train === undefined) {
    throw new UserError(`Cannot find a split of ${called} to train on: ${listed}`, {
      hint: `Write train: ${names[0]} beside it, or another of them`,
    });
  }
  const validation = wanted.validation ?? usual(["validation", "val", "valid", "dev"]);
  const test = wanted.test ?? usual(["test"]);
  return { train, ...(validation && { validation }), ...(test && { test }) };
}

/** A config's files by its patterns, each split's patterns in turn, the files of one sorted. */
function filesOf(config: CardConfig, parquet: readonly string[]): Layout["splits"] {
  const inside = config.folder === ""
    ? parquet
    : parquet.filter((file) => file.startsWith(`${config.folder}/`));
  if (config.files === undefined) return bySplit(inside, config.name);
  const splits = new Map<string, string[]>();
  for (const [split, patterns] of config.files) {
    const found = new Set<string>();
    for (const pattern of patterns) {
      const from = config.folder === "" ? pattern : `${config.folder}/${pattern}`;
      const matches = matcher(from);
      for (const file of inside) if (matches(file)) found.add(file);
    }
    if (found.size > 0) splits.set(split, [...found]);
  }
  return splits;
}

/** Configs by the first folder; what lies in `data/`, in a split's folder or in none is "default". */
function byFolder(parquet: readonly string[]): Map<string, string[]> {
  const configs = new Map<string, string[]>();
  for (const file of parquet) {
    const folder = file.includes("/") ? file.slice(0, file.indexOf("/")) : "";
    const plain = folder === "" || folder === "data" || wordOf(folder) !== undefined;
    const config = plain && !CONVERTED.test(file) ? "default" : folder;
    configs.set(config, [...configs.get(config) ?? [], file]);
  }
  return configs;
}

function bySplit(files: readonly string[], config: string): Map<string, string[]> {
  const splits = new Map<string, string[]>();
  for (const file of files) {
    const rest = file.startsWith(`${config}/`) ? file.slice(config.length + 1) : file;
    const split = CONVERTED.exec(file)?.[2].replace(/^partial-/, "") ??
      SHARD.exec(rest.slice(rest.lastIndexOf("/") + 1))?.[1] ?? wordOf(rest) ?? "train";
    splits.set(split, [...splits.get(split) ?? [], file]);
  }
  return splits;
}

const wordOf = (path: string) => WORDS.find(([, words]) => words.test(path))?.[0];
