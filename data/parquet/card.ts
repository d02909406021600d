import { type Feature, featuresOfCard } from "./features.ts";

/** What a data set's README.md says of it in its front matter. */
export interface Card {
  /** As the card writes it: `cc0-1.0`. */
  readonly license?: string;
  /** By name of the config, in the card's order. */
  readonly configs: readonly CardConfig[];
  /** Features by name of the config ("default" where there is but one without a name). */
  readonly features: ReadonlyMap<string, ReadonlyMap<string, Feature>>;
}

/** Which files a config of a data set has. */
export interface CardConfig {
  readonly name: string;
  readonly isDefault: boolean;
  /** Patterns by split; undefined where the names of the files say it. */
  readonly files?: ReadonlyMap<string, readonly string[]>;
  /** Folder that patterns and names start from; "" for the whole. */
  readonly folder: string;
}

export const NO_CARD: Card = { configs: [], features: new Map() };

/** Characters; a card whose front matter is longer is taken for one without. */
const LONGEST = 4 << 20;

/**
 * Reads the front matter of a card. What it says otherwise than the Hub's cards do is left aside.
 * @returns undefined where the front matter is no YAML.
 */
export async function readCard(text: string): Promise<Card | undefined> {
  const front = /^\ufeff?---[ \t]*\r?\n(.*?)^---[ \t]*$/ms.exec(text.slice(0, LONGEST))?.[1];
  if (front === undefined) return NO_CARD;
  const { parse } = await import("yaml");
  let value: unknown;
  try {
    value = parse(front, { logLevel: "error" });
  } catch {
    return undefined;
  }
  if (!isMap(value)) return NO_CARD;
  const license = [value.license].flat().filter((one) => typeof one === "string").join(", ");
  const configs = list(value.configs).filter(isMap).map(configOf)
    .filter((config) => config !== undefined);
  const features = new Map<string, ReadonlyMap<string, Feature>>();
  for (const info of list(value.dataset_info).filter(isMap)) {
    const name = typeof info.config_name === "string" ? info.config_name : "default";
    features.set(name, featuresOfCard(info.features));
  }
  return { ...(license !== "" && { license }), configs, features };
}

function configOf(config: Readonly<Record<string, unknown>>): CardConfig | undefined {
  const name = config.config_name ?? "default";
  if (typeof name !== "string") return undefined;
  const folder = typeof config.data_dir === "string" ? config.data_dir : "";
  return {
    name,
    isDefault: config.default === true,
    folder: folder.replace(/^\.?\//, "").replace(/\/+$/, ""),
    ...(config.data_files !== undefined && { files: patternsOf(config.data_files) }),
  };
}

/** `data_files` may be a pattern, a list of them, a map by split, or a list of `{ split, path }`. */
function patternsOf(files: unknown): Map<string, string[]> {
  const patterns = new Map<string, string[]>();
  const add = (split: string, paths: unknown) => {
    const more = list(paths).filter((path) => typeof path === "string");
    patterns.set(split, [...patterns.get(split) ?? [], ...more]);
  };
  for (const entry of list(files)) {
    if (!isMap(entry)) add("train", entry);
    else if ("split" in entry || "path" in entry) {
      add(typeof entry.split === "string" ? entry.split : "train", entry.path);
    } else for (const [split, paths] of Object.entries(entry)) add(split, paths);
  }
  return patterns;
}

const list = (value: unknown): unknown[] =>
  value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
