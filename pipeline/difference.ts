import { canonicalJson } from "./key.ts";

/** A value that differs between two records. */
export interface Difference {
  /** Keys on the way to it. */
  readonly path: readonly string[];
  /** Absent where only the later record has it. */
  readonly before?: unknown;
  /** Absent where only the earlier record has it. */
  readonly after?: unknown;
}

type Tree = Readonly<Record<string, unknown>>;

/** Every value that differs between two records of plain JSON, maps entered key by key. */
export function differencesOf(before: Tree, after: Tree): Difference[] {
  return [...compare(before, after, [])];
}

function* compare(before: Tree, after: Tree, path: readonly string[]): Iterable<Difference> {
  for (const name of Object.keys({ ...before, ...after }).sort()) {
    const [was, is] = [before[name], after[name]];
    const here = [...path, name];
    if (!(name in before)) yield { path: here, after: is };
    else if (!(name in after)) yield { path: here, before: was };
    else if (isTree(was) && isTree(is)) yield* compare(was, is, here);
    else if (canonicalJson([was]) !== canonicalJson([is])) {
      yield { path: here, before: was, after: is };
    }
  }
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
