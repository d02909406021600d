import type { Place } from "./problems.ts";

/** A value of a config that knows where it was written. Never changed: edits make new trees. */
export type Tree = ScalarTree | ListTree | MapTree;

/** Text, number, true or false, or nothing. */
export interface ScalarTree {
  readonly type: "scalar";
  readonly value: string | number | boolean | null;
  readonly at: Place;
}

/** A sequence. */
export interface ListTree {
  readonly type: "list";
  readonly items: readonly Tree[];
  readonly at: Place;
}

/** A mapping from text, in the order of the file. */
export interface MapTree {
  readonly type: "map";
  readonly entries: ReadonlyMap<string, Entry>;
  readonly at: Place;
}

/** A value of a map, with the place of its key. */
export interface Entry {
  readonly key: Place;
  readonly value: Tree;
}

/** Steps into a tree: keys of maps, indices of lists. */
export type TreePath = readonly (string | number)[];

/** The plain value. `__proto__` is an own key like others, for the schema to refuse. */
export function valueOf(tree: Tree): unknown {
  if (tree.type === "scalar") return tree.value;
  if (tree.type === "list") return tree.items.map(valueOf);
  const value: Record<string, unknown> = {};
  for (const [key, entry] of tree.entries) {
    Object.defineProperty(value, key, {
      value: valueOf(entry.value),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return value;
}

/** What stands at a path: the value, and the key that it was written under, where it has one. */
export function find(tree: Tree, path: TreePath): { key?: Place; value: Tree } | undefined {
  let found: { key?: Place; value: Tree } = { value: tree };
  for (const step of path) {
    const next = child(found.value, step);
    if (next === undefined) return undefined;
    found = next;
  }
  return found;
}

function child(tree: Tree, step: string | number): { key?: Place; value: Tree } | undefined {
  if (tree.type === "map") return tree.entries.get(String(step));
  if (tree.type === "list" && /^\d+$/.test(String(step)) && Number(step) < tree.items.length) {
    return { value: tree.items[Number(step)] };
  }
  return undefined;
}

/** The tree with another value at a path; what is missing on the way becomes a map at `place`. */
export function replaceAt(tree: Tree, path: TreePath, value: Tree, place: Place): Tree {
  if (path.length === 0) return value;
  const [step, ...rest] = path;
  const old = child(tree, step);
  const empty: MapTree = { type: "map", entries: new Map(), at: place };
  const inner = replaceAt(old?.value ?? empty, rest, value, place);
  if (tree.type === "list" && old !== undefined) {
    return { ...tree, items: tree.items.with(Number(step), inner) };
  }
  const entries = new Map(tree.type === "map" ? tree.entries : []);
  entries.set(String(step), {
    key: rest.length === 0 || !old?.key ? place : old.key,
    value: inner,
  });
  return { type: "map", entries, at: tree.type === "map" ? tree.at : place };
}

/** The tree without what stands at a path; of a list's value, without the whole list. */
export function removeAt(tree: Tree, path: TreePath): Tree {
  return editEntry(tree, path, (entries, key) => {
    entries.delete(key);
    return entries;
  });
}

/** The tree with another key for what stands at a path. */
export function renameAt(tree: Tree, path: TreePath, name: string): Tree {
  return editEntry(
    tree,
    path,
    (entries, key) =>
      new Map([...entries].map(([other, entry]) => [other === key ? name : other, entry])),
  );
}

type Entries = Map<string, Entry>;

function editEntry(
  tree: Tree,
  path: TreePath,
  edit: (entries: Entries, key: string) => Entries,
): Tree {
  const parent = find(tree, path.slice(0, -1));
  if (path.length === 0 || parent === undefined) return tree;
  if (parent.value.type !== "map") return editEntry(tree, path.slice(0, -1), edit);
  const entries = edit(new Map(parent.value.entries), String(path.at(-1)));
  const edited = { ...parent.value, entries };
  return replaceAt(tree, path.slice(0, -1), edited, parent.key ?? parent.value.at);
}

/** A map without some of its keys. */
export function without(tree: MapTree, keys: readonly string[]): MapTree {
  const entries = new Map(tree.entries);
  for (const key of keys) entries.delete(key);
  return { ...tree, entries };
}

/**
 * Lays one config over another: maps are merged key by key, everything else is replaced. A map
 * whose `name` or `uses` says another word than the one below it is another thing, and replaced
 * whole: `{ name: sgd }` over an AdamW optimizer does not inherit its betas.
 */
export function merge(below: Tree, above: Tree, depth = 0): Tree {
  if (below.type !== "map" || above.type !== "map") return above;
  if (depth > 0 && ["name", "uses"].some((key) => differs(below, above, key))) return above;
  const entries = new Map(below.entries);
  for (const [key, entry] of above.entries) {
    const old = entries.get(key);
    entries.set(key, old ? { ...entry, value: merge(old.value, entry.value, depth + 1) } : entry);
  }
  return { ...above, entries };
}

function differs(below: MapTree, above: MapTree, key: string): boolean {
  const [a, b] = [below, above].map((map) => map.entries.get(key)?.value);
  return a?.type === "scalar" && b?.type === "scalar" && a.value !== b.value;
}
