import type * as Yaml from "yaml";
import { quoted } from "../base/printable.ts";
import { lineAndColumn, type Place, type Problem, type Source } from "./problems.ts";
import type { Entry, MapTree, Tree } from "./tree.ts";

/** Most values that a config may hold, with every alias written out. */
const MOST_VALUES = 100_000;
/** Deepest nesting of values in one line. */
const DEEPEST = 200;

/** What a YAML text says, as far as it could be read. */
export interface ParsedYaml {
  /** Undefined where there is no value at all: an empty text, or only comments. */
  readonly tree: Tree | undefined;
  readonly problems: readonly Problem[];
  /** Where the text stops being YAML; what follows may be read wrongly. */
  readonly broken?: number;
}

/**
 * Parses one YAML 1.2 document (core schema, with anchors and `<<` merge keys) and keeps the place
 * of every key and value.
 */
export async function parseYaml(source: Source): Promise<ParsedYaml> {
  const text = source.text ?? "";
  const deep = tooDeep(text);
  if (deep !== undefined) {
    const at = { source, start: deep, end: deep + 1 };
    const message = `Cannot read YAML: its values are nested more than ${DEEPEST} deep`;
    return { tree: undefined, problems: [{ at, message }], broken: deep };
  }
  const yaml = await loadYaml();
  const document = yaml.parseDocument(text, {
    prettyErrors: false,
    // Repeated keys are found below, where the first one's place is known too.
    uniqueKeys: false,
  });
  return new Reader(yaml, source).read(document);
}

/**
 * Where brackets, or marks of lists and keys within one line, nest deeper than any config does: the
 * parser calls itself for each level, and slows down long before the stack ends. Brackets in texts
 * are counted too; a thousand of them that nothing closes are in no config either.
 */
function tooDeep(text: string): number | undefined {
  let brackets = 0;
  let marks = 0;
  for (let index = 0; index < text.length; index++) {
    const letter = text[index];
    if (letter === "[" || letter === "{") brackets++;
    else if (letter === "]" || letter === "}") brackets = Math.max(0, brackets - 1);
    else if (letter === "\n") marks = 0;
    else if ((letter === "-" || letter === "?" || letter === ":") && text[index + 1] === " ") {
      marks++;
    }
    if (brackets > DEEPEST || marks > DEEPEST) return index;
  }
}

/**
 * Deno would take the CommonJS build of the package, a hundred small files that need 40 ms to load;
 * its ES modules need 6, and a run in which nothing is to be done waits for them.
 */
async function loadYaml(): Promise<typeof Yaml> {
  const modules = new URL("../node_modules/yaml/browser/index.js", import.meta.url).href;
  return await import(modules).catch(() => import("yaml"));
}

/** Turns a document of the library into a {@linkcode Tree}. */
class Reader {
  readonly #yaml: typeof Yaml;
  readonly #source: Source;
  readonly #problems: Problem[] = [];
  readonly #anchors = new Map<string, Tree>();
  /** How many values a tree stands for; one that aliases share counts at each of them. */
  readonly #sizes = new Map<Tree, number>();
  #firstAlias?: Place;

  constructor(yaml: typeof Yaml, source: Source) {
    this.#yaml = yaml;
    this.#source = source;
  }

  read(document: Yaml.Document.Parsed): ParsedYaml {
    const { errors, warnings, contents } = document;
    for (const error of [...errors, ...warnings]) {
      const [start, end] = this.#shownAt(contents, error.pos);
      const at = { source: this.#source, start, end };
      this.#problem(at, sentenceOf(error.code, error.message));
    }
    const broken = errors.length > 0 ? Math.min(...errors.map(({ pos }) => pos[0])) : undefined;
    const empty = contents === null || this.#yaml.isScalar(contents) && contents.source === "";
    const tree = empty ? undefined : this.#convert(contents);
    if (tree !== undefined && this.#size(tree) > MOST_VALUES) {
      const message = `Cannot read YAML: it stands for more than ${MOST_VALUES} values`;
      const at = this.#firstAlias ?? tree.at;
      return { tree: undefined, problems: [{ at, message }], broken: at.start };
    }
    return { tree, problems: this.#problems, broken };
  }

  /**
   * Where a mistake is shown. One that is found at the end of the file, where there is no line to
   * show, is a bracket that was left open: that stands for it, else the last letter.
   */
  #shownAt(contents: unknown, [start, end]: [number, number]): [number, number] {
    const text = this.#source.text ?? "";
    if (text.slice(text.lastIndexOf("\n", start - 1) + 1).trim() !== "") return [start, end];
    let open: number | undefined;
    const ends = new Set<number>(); // of brackets inside, whose closing one is not the outer's too
    if (this.#yaml.isNode(contents)) {
      const flows: (readonly [number, number])[] = [];
      this.#yaml.visit(contents, (_key, node) => {
        if (!this.#yaml.isCollection(node) || !node.flow || !node.range) return;
        const [from, to] = node.range;
        flows.push([from, from + text.slice(from, to).trimEnd().length]);
      });
      for (const [from, to] of flows.reverse()) { // from the inside out
        if (ends.has(to) || !/[}\]]/.test(text[to - 1])) open ??= from;
        ends.add(to);
      }
    }
    const at = open ?? Math.max(0, text.trimEnd().length - 1);
    return [at, at + 1];
  }

  #convert(node: unknown, fallback?: Place): Tree {
    const { isAlias, isMap, isSeq, isScalar } = this.#yaml;
    const at = this.#place(node, fallback);
    if (isAlias(node)) return this.#alias(node.source, at);
    let tree: Tree;
    if (isMap(node)) tree = this.#map(node, at);
    else if (isSeq(node)) {
      const items = node.items.map((item) => this.#convert(item, at));
      tree = { type: "list", items, at };
      this.#sizes.set(tree, this.#sum(items));
    } else {
      tree = { type: "scalar", value: isScalar(node) ? plain(node.value) : null, at };
    }
    const anchor = (node as { anchor?: string } | null)?.anchor;
    if (anchor !== undefined) this.#anchors.set(anchor, tree);
    return tree;
  }

  /** The tree of an anchor, shared and not copied: a bomb of aliases stays as small as its text. */
  #alias(name: string, at: Place): Tree {
    this.#firstAlias ??= at;
    const target = this.#anchors.get(name);
    if (target !== undefined) return target;
    // An anchor counts from the end of its value on, so an alias inside of its own value is none.
    this.#problem(
      at,
      `Cannot read alias ${quoted(`*${name}`)}: no value above it has the anchor ${
        quoted(`&${name}`)
      }`,
    );
    return { type: "scalar", value: null, at };
  }

  #map(node: Yaml.YAMLMap, at: Place): MapTree {
    const entries = new Map<string, Entry>();
    const merged: Tree[] = [];
    for (const { key: keyNode, value: valueNode } of node.items) {
      const key = this.#place(keyNode, at);
      const value = this.#convert(valueNode, key);
      if (!this.#yaml.isScalar(keyNode)) {
        this.#problem(key, "Cannot read a list, a map or an alias as a key: a key must be a word");
        continue;
      }
      const name = String(keyNode.source ?? keyNode.value);
      const first = entries.get(name);
      if (name === "<<" && keyNode.type === "PLAIN") merged.push(...this.#mergeSources(value));
      else if (first === undefined) entries.set(name, { key, value });
      else {
        const { line } = lineAndColumn(this.#source.text ?? "", first.key.start);
        this.#problem(
          key,
          `Cannot read key ${quoted(name)} twice: it stands in line ${line} already`,
        );
      }
    }
    for (const tree of merged) {
      if (tree.type !== "map") continue;
      for (const [name, entry] of tree.entries) if (!entries.has(name)) entries.set(name, entry);
    }
    const tree: MapTree = { type: "map", entries, at };
    this.#sizes.set(tree, this.#sum([...entries.values()].map((entry) => entry.value)));
    return tree;
  }

  #mergeSources(value: Tree): readonly Tree[] {
    const sources = value.type === "list" ? value.items : [value];
    if (sources.every((source) => source.type === "map")) return sources;
    this.#problem(value.at, 'Cannot merge this with "<<": it must be a map, or a list of maps');
    return [];
  }

  #sum(trees: readonly Tree[]): number {
    return trees.reduce((sum, tree) => sum + this.#size(tree), 1);
  }

  #size(tree: Tree): number {
    return this.#sizes.get(tree) ?? 1;
  }

  #place(node: unknown, fallback?: Place): Place {
    const range = (node as { range?: Yaml.Range | null } | null)?.range;
    // A value that is left empty has no extent: its key stands for it.
    if (!range || range[0] === range[1]) {
      return fallback ?? { source: this.#source, start: 0, end: 1 };
    }
    return { source: this.#source, start: range[0], end: range[1] };
  }

  #problem(at: Place, message: string): void {
    this.#problems.push({ at, message });
  }
}

function plain(value: unknown): string | number | boolean | null {
  if (typeof value === "number" || typeof value === "boolean" || value === null) return value;
  return String(value);
}

function sentenceOf(code: Yaml.ErrorCode, message: string): string {
  if (code === "MULTIPLE_DOCS") {
    return 'Cannot read a second document: a config is one document; take out the "---" line';
  }
  if (code === "TAB_AS_INDENT") return "Cannot read a tab as indentation: YAML wants spaces";
  if (code === "TAG_RESOLVE_FAILED") return "Cannot read a YAML tag: a config has none";
  if (/call stack/.test(message)) return "Cannot read YAML: its values are nested too deeply";
  const rule = message.replace(/[.:]?\s*$/, "")
    .replace(/^Unexpected [\w-]+ token in YAML (?:stream|document): (.*)$/, "$1 is unexpected here")
    .replace("block-seq-ind", '"- "').replace("flow-map-start", '"{"')
    .replace("flow-seq-start", '"["');
  // Only the first word: names of YAML's tokens are in capitals too.
  const lowered = /^[A-Z][a-z]/.test(rule) ? rule[0].toLowerCase() + rule.slice(1) : rule;
  return `Cannot read YAML: ${lowered}`;
}
