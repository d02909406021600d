import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { messageOf } from "../base/errors.ts";
import { shownPath } from "../base/printable.ts";
import { type Place, ProblemList, type Source } from "./problems.ts";
import { showValue } from "./sentences.ts";
import { nearest } from "./suggest.ts";
import { type MapTree, merge, type Tree, without } from "./tree.ts";
import { parseYaml } from "./yaml.ts";

/** Largest config in bytes: reading a data set by mistake is told at once. */
const LARGEST = 1 << 20;

/** A config as it stands in its files, `extends` carried out. */
export interface LoadedConfig {
  readonly tree: MapTree;
  /**
   * Offsets by source from which on a file is not YAML; infinite where it is, and what it extends can't
   * be read.
   */
  readonly broken: ReadonlyMap<Source, number>;
}

/**
 * Reads a config and those that it extends. Mistakes go into `problems`.
 * @returns undefined where nothing could be read.
 */
export async function loadConfig(
  path: string,
  problems: ProblemList,
): Promise<LoadedConfig | undefined> {
  const broken = new Map<Source, number>();
  const loader = new Loader(problems, broken);
  const tree = await loader.load(resolve(path), []);
  return tree === undefined ? undefined : { tree, broken };
}

/** A path for people: relative to the working folder where it lies in there, else absolute. */
export function shortPath(path: string): string {
  const short = relative(Deno.cwd(), path);
  return short === "" || short.startsWith("..") || isAbsolute(short) ? path : short;
}

class Loader {
  readonly #problems: ProblemList;
  readonly #broken: Map<Source, number>;
  #rank = 0;

  constructor(problems: ProblemList, broken: Map<Source, number>) {
    this.#problems = problems;
    this.#broken = broken;
  }

  /** @param chain Absolute paths of the configs that lead here by `extends`. */
  async load(path: string, chain: readonly string[], from?: Place): Promise<MapTree | undefined> {
    const text = await this.#read(path, from);
    if (text === undefined) return undefined;
    const source: Source = { label: shortPath(path), text, rank: this.#rank++ };
    const { tree, problems, broken } = await parseYaml(source);
    this.#problems.addAll(problems);
    if (broken !== undefined) this.#broken.set(source, broken);
    if (tree === undefined) {
      if (problems.length === 0) {
        this.#problems.add(
          from ?? null,
          `Cannot read ${source.label}: the file is empty; a config begins with "stages:"`,
        );
      }
      return undefined;
    }
    if (tree.type !== "map") {
      const what = tree.type === "list" ? "a list" : "a single value";
      // What broken text reads as is no mistake of its own.
      if (broken === undefined) {
        this.#problems.add(
          tree.at,
          `Cannot use ${what} as a config: it must be a map with "stages"`,
        );
      }
      return undefined;
    }
    return await this.#extend(tree, path, [...chain, path]);
  }

  async #extend(tree: MapTree, path: string, chain: readonly string[]): Promise<MapTree> {
    const entry = tree.entries.get("extends");
    if (entry === undefined) return tree;
    const own = without(tree, ["extends"]);
    const other = entry.value;
    if (other.type !== "scalar" || typeof other.value !== "string" || other.value === "") {
      this.#problems.add(
        other.at,
        `Cannot use ${showValue(other)} for "extends": it must be the path of another config`,
      );
      return this.#alone(own);
    }
    const target = resolve(dirname(path), other.value);
    if (chain.includes(target)) {
      const circle = [...chain.slice(chain.indexOf(target)), target].map(shortPath).join(" -> ");
      this.#problems.add(other.at, `Cannot extend in a circle: ${circle}`);
      return this.#alone(own);
    }
    const base: Tree | undefined = await this.load(target, chain, other.at);
    return base === undefined ? this.#alone(own) : merge(base, own) as MapTree;
  }

  /** A config without what it extends: what it lacks may stand there. */
  #alone(tree: MapTree): MapTree {
    const { source } = tree.at;
    if (!this.#broken.has(source)) this.#broken.set(source, Infinity);
    return tree;
  }

  async #read(path: string, from?: Place): Promise<string | undefined> {
    const label = shortPath(path);
    const reason = await whyUnreadable(path);
    if (reason !== undefined) {
      this.#problems.add(from ?? null, `Cannot read ${shownPath(label)}: ${reason}`);
      return undefined;
    }
    return this.#decode(await Deno.readFile(path), label);
  }

  #decode(bytes: Uint8Array, label: string): string | undefined {
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch {
      const { text, offset } = validStart(bytes);
      const byte = `0x${bytes[offset].toString(16).toUpperCase().padStart(2, "0")}`;
      const wide = bytes.length > 1 && bytes[0] + bytes[1] === 0xff + 0xfe;
      this.#problems.add(
        { source: { label, text, rank: this.#rank++ }, start: text.length, end: text.length + 1 },
        `Cannot read byte ${byte} at offset ${offset}: the file is ` +
          `${wide ? "UTF-16" : "not UTF-8"}; save it as UTF-8`,
      );
      return undefined;
    }
  }
}

/** Why a path is no config that can be read; undefined where it can be. */
async function whyUnreadable(path: string): Promise<string | undefined> {
  try {
    const { isDirectory, isFile, size } = await Deno.stat(path);
    if (isDirectory) return "it is a folder; name a YAML file in it";
    if (!isFile) return "it is not a file";
    if (size > LARGEST) return `it has ${size} bytes; a config has at most ${LARGEST}`;
    (await Deno.open(path)).close();
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) return "you may not read it";
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory)) {
      // "File name too long (os error 36): stat '/a/b'"
      return messageOf(error).replace(/ \(os error \d+\).*/s, "");
    }
    const near = await neighbour(path);
    return `there is no such file${near ? `; did you mean ${shortPath(near)}?` : ""}`;
  }
}

/** The text up to the first character that is not UTF-8, found by halving, and that one's offset. */
function validStart(bytes: Uint8Array): { text: string; offset: number } {
  const decode = (length: number) =>
    new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, length), { stream: true });
  let [good, bad] = [0, bytes.length + 1];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    try {
      decode(middle);
      good = middle;
    } catch {
      bad = middle;
    }
  }
  // A streaming decoder keeps back a character whose first bytes alone are there.
  const text = decode(good);
  const mark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  return { text, offset: mark + new TextEncoder().encode(text).length };
}

/** The file whose name is nearest: beside a path, or in `configs/` there. */
async function neighbour(path: string): Promise<string | undefined> {
  const stem = (name: string) => name.replace(/\.ya?ml$/, "");
  for (const folder of [dirname(path), join(dirname(path), "configs")]) {
    const names: string[] = [];
    try {
      for await (const { name, isFile } of Deno.readDir(folder)) {
        if (isFile && /\.ya?ml$/.test(name)) names.push(name);
      }
    } catch {
      continue; // The folder is not there either.
    }
    const near = nearest(stem(basename(path)), names.map(stem));
    const file = names.sort().find((name) => stem(name) === near);
    if (file !== undefined) return join(folder, file);
  }
}
