import { quoted } from "../base/printable.ts";
import { ProblemList, type Source } from "./problems.ts";
import { listWords, nearest } from "./suggest.ts";
import { type MapTree, replaceAt, type Tree } from "./tree.ts";
import { parseYaml } from "./yaml.ts";

/** Sources of the command line come after every file. */
const FIRST_RANK = 1_000_000;

/** The place of an option of the command line, for problems with its value. */
export function optionSource(label: string, index = 0): Source {
  return { label, text: null, rank: FIRST_RANK + index };
}

/**
 * Carries out `--set PATH=VALUE` in order. A path is `seed`, `name`, or begins with a stage's name;
 * the value is YAML, and takes the place of what is there: a map is not merged.
 */
export async function applySettings(
  config: MapTree,
  settings: readonly string[],
  problems: ProblemList,
): Promise<MapTree> {
  let tree: Tree = config;
  for (const [index, setting] of settings.entries()) {
    const source = optionSource(`--set ${setting}`, index);
    const at = { source, start: 0, end: 0 };
    const equals = setting.indexOf("=");
    if (equals < 1) {
      problems.add(at, "Cannot read it: write PATH=VALUE, train.epochs=3 for example");
      continue;
    }
    const written = setting.slice(0, equals);
    const path = settingPath(written, tree as MapTree);
    if (path === undefined) {
      problems.add(at, unknownPath(written, tree as MapTree), true);
      continue;
    }
    const parsed = await parseYaml({ ...source, text: setting.slice(equals + 1) });
    if (parsed.problems.length > 0) {
      problems.add(at, parsed.problems[0].message.replace("YAML", "its value as YAML"));
      continue;
    }
    const value = parsed.tree === undefined
      ? { type: "scalar" as const, value: null, at }
      : relocate(parsed.tree, source);
    tree = replaceAt(tree, path, value, at);
  }
  return tree as MapTree;
}

/**
 * Where in a config a dotted path of a setting or a sweep points; undefined where its start is no
 * stage's name. A name may have dots itself: the longest that fits is taken.
 */
export function settingPath(path: string, config: MapTree): string[] | undefined {
  if (path === "seed" || path === "name") return [path];
  const stage = stageNames(config)
    .filter((name) => path === name || path.startsWith(`${name}.`))
    .sort((a, b) => b.length - a.length)[0];
  if (stage === undefined) return undefined;
  const rest = path.slice(stage.length + 1);
  const steps = rest === "" ? [] : rest.split(".");
  return steps.includes("") ? undefined : ["stages", stage, ...steps];
}

/** What is wrong with a path that {@linkcode settingPath} does not know. */
export function unknownPath(path: string, config: MapTree): string {
  const names = stageNames(config);
  const [first, ...rest] = path.split(".");
  const sentence = `Cannot find ${quoted(path)} in the config`;
  if (rest.includes("")) return `${sentence}: a path is words joined by single dots`;
  if (first === "stages" && settingPath(rest.join("."), config)) {
    return `${sentence}: did you mean "${rest.join(".")}"?`;
  }
  const inside = placesOf(path, config);
  if (inside.length > 0) return `${sentence}: did you mean ${listWords(inside, "or", 4)}?`;
  const near = nearest(first, [...names, "seed", "name"]);
  if (near !== undefined) return `${sentence}: did you mean "${[near, ...rest].join(".")}"?`;
  const stages = names.length > 0 ? `: ${listWords(names)}` : "'s name";
  return `${sentence}: a path is "seed", "name", or begins with a stage${stages}`;
}

/** Where in the stages a path stands whose start was left out: `train.epochs` for `epochs`. */
function placesOf(path: string, config: MapTree): string[] {
  const found: string[] = [];
  const walk = (tree: Tree | undefined, above: string) => {
    if (tree?.type !== "map") return;
    for (const [name, { value }] of tree.entries) {
      const here = above === "" ? name : `${above}.${name}`;
      if (here.endsWith(`.${path}`)) found.push(here);
      walk(value, here);
    }
  };
  walk(config.entries.get("stages")?.value, "");
  return found;
}

function stageNames(config: MapTree): string[] {
  const stages = config.entries.get("stages")?.value;
  return stages?.type === "map" ? [...stages.entries.keys()] : [];
}

/** On the command line a value is shown as part of its option, not as a line of its own. */
function relocate(tree: Tree, source: Source): Tree {
  const at = { source, start: tree.at.start, end: tree.at.end };
  if (tree.type === "scalar") return { ...tree, at };
  if (tree.type === "list") {
    return { ...tree, at, items: tree.items.map((item) => relocate(item, source)) };
  }
  const entries = [...tree.entries].map(([name, { key, value }]) =>
    [
      name,
      { key: { source, start: key.start, end: key.end }, value: relocate(value, source) },
    ] as const
  );
  return { ...tree, at, entries: new Map(entries) };
}
