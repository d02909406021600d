import { canonicalJson } from "./key.ts";

type Tree = Readonly<Record<string, unknown>>;

/**
 * What differs between two key records, a sentence each, the most telling first: parameters, seed,
 * inputs, code, packages.
 *
 * @param before Record of the artifact that was there, from its `artifact.json`.
 * @param after Record of the one that is wanted.
 * @param stage What parameters are called after; by default the kind.
 */
export function explainDifference(before: Tree, after: Tree, stage?: string): string[] {
  const name = stage ?? String(after.kind);
  const found: string[] = [];
  if (before.kind !== after.kind) {
    return [`${name} was of kind ${show(before.kind)} and is of kind ${show(after.kind)}`];
  }
  if (before.format !== after.format) found.push("the format of the store changed");
  found.push(...values(before.parameters, after.parameters, name));
  found.push(...values(before.record, after.record, name));
  found.push(...values(before.seed, after.seed, "seed"));
  for (const [role, change] of entries(before.inputs, after.inputs)) {
    if (change === "added") found.push(`it reads an input now that it did not: ${role}`);
    else if (change === "removed") found.push(`it no longer reads an input: ${role}`);
    else found.push(`its input changed: ${role}`);
  }
  if (before.artifact !== after.artifact) found.push("the data that they show changed");
  for (const [path, change] of entries(before.code, after.code)) {
    if (change === "added") found.push(`${path} is now part of its code`);
    else if (change === "removed") found.push(`${path} is no longer part of its code`);
    else found.push(`the code of ${path} changed`);
  }
  for (const [path, change, was, is] of entries(before.packages, after.packages)) {
    if (change === "added") found.push(`it uses ${path} ${is} now`);
    else if (change === "removed") found.push(`it no longer uses ${path}`);
    else found.push(`${path} was ${was} and is ${is}`);
  }
  return found;
}

/** Joins differences to one line: the first two, and how many more there are. */
export function summarize(differences: readonly string[]): string {
  if (differences.length <= 2) return differences.join("; ");
  return `${differences.slice(0, 2).join("; ")}; and ${differences.length - 2} more`;
}

function* entries(
  before: unknown,
  after: unknown,
): Iterable<[name: string, change: "added" | "removed" | "changed", was: unknown, is: unknown]> {
  const [was, is] = [tree(before) ?? {}, tree(after) ?? {}];
  for (const name of Object.keys({ ...was, ...is }).sort()) {
    if (!(name in was)) yield [name, "added", undefined, is[name]];
    else if (!(name in is)) yield [name, "removed", was[name], undefined];
    else if (was[name] !== is[name]) yield [name, "changed", was[name], is[name]];
  }
}

function values(before: unknown, after: unknown, path: string): string[] {
  if (same(before, after)) return [];
  const [was, is] = [tree(before), tree(after)];
  if (was === undefined || is === undefined) {
    // A whole branch on one side only is shown as it is, not leaf by leaf.
    return [`${path} was ${show(before)} and is ${show(after)}`];
  }
  if ("files" in was && "files" in is) return [`the files of ${path} changed`];
  return Object.keys({ ...was, ...is }).flatMap((name) =>
    values(was[name], is[name], `${path}.${name}`)
  );
}

function tree(value: unknown): Tree | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as Tree
    : undefined;
}

function same(a: unknown, b: unknown): boolean {
  return a === b || canonicalJson([a]) === canonicalJson([b]);
}

function show(value: unknown): string {
  if (value === undefined) return "not set";
  if (typeof value === "string") return JSON.stringify(value);
  const text = canonicalJson(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
