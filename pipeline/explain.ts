import { type Difference, differencesOf } from "./difference.ts";
import { canonicalJson, type FilesDigest } from "./key.ts";

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
  if (before.kind !== after.kind) {
    return [`${name} was of kind ${show(before.kind)} and is of kind ${show(after.kind)}`];
  }
  const differences = causesFirst(differencesOf(before, after));
  return Object.entries(SENTENCES).flatMap(([field, sentence]) =>
    differences.filter(({ path }) => path[0] === field)
      .map((difference) => sentence(difference, name))
  );
}

/** Keys that say what a map is: what else differs in it follows from them. */
const TELLING = ["name", "uses", "method", "mode"];

/** Puts what says what a map is before the rest of that map. */
function causesFirst(differences: readonly Difference[]): Difference[] {
  const within = ({ path }: Difference) => path.slice(0, -1).join("\0");
  const maps = [...new Set(differences.map(within))];
  const rank = (difference: Difference) =>
    2 * maps.indexOf(within(difference)) + (TELLING.includes(difference.path.at(-1)!) ? 0 : 1);
  return differences.toSorted((a, b) => rank(a) - rank(b));
}

/** A file of code as people know it; of a project that is not the program's, it says whose it is. */
function fileName(file: string): string {
  return file.replace(/^program:/, "the program's ");
}

/** How a difference is said, by the field of the record that it is in; in the order of the fields. */
const SENTENCES: Readonly<Record<string, (difference: Difference, stage: string) => string>> = {
  format: () => "the format of the store changed",
  parameters: valueSentence,
  record: valueSentence,
  seed: (difference) => was("seed", difference),
  inputs(difference) {
    const role = difference.path[1];
    if (!("before" in difference)) return `it reads an input now that it did not: ${role}`;
    if (!("after" in difference)) return `it no longer reads an input: ${role}`;
    return `its input changed: ${role}`;
  },
  artifact: () => "the data that they show changed",
  code(difference) {
    const file = fileName(difference.path[1]);
    if (!("before" in difference)) return `${file} is now part of its code`;
    if (!("after" in difference)) return `${file} is no longer part of its code`;
    return `the code of ${file} changed`;
  },
  packages(difference) {
    const name = difference.path[1];
    if (!("before" in difference)) return `it uses ${name} ${difference.after} now`;
    if (!("after" in difference)) return `it no longer uses ${name}`;
    return `${name} was ${difference.before} and is ${difference.after}`;
  },
};

function valueSentence(difference: Difference, stage: string): string {
  const names = [stage, ...difference.path.slice(1)];
  const { before, after } = difference;
  if (names.at(-1) === "files" && isDigest(before) && isDigest(after)) {
    return `the files of ${names.slice(0, -1).join(".")} changed`;
  }
  return was(names.join("."), difference);
}

/** What stands in place of files outside, see {@linkcode FilesDigest}. */
function isDigest(value: unknown): value is FilesDigest["files"] {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}

function was(name: string, { before, after }: Difference): string {
  return `${name} was ${show(before)} and is ${show(after)}`;
}

/** Joins differences to one line: the first two, and how many more there are. */
export function summarize(differences: readonly string[]): string {
  if (differences.length <= 2) return differences.join("; ");
  return `${differences.slice(0, 2).join("; ")}; and ${differences.length - 2} more`;
}

function show(value: unknown): string {
  if (value === undefined) return "not set";
  if (typeof value === "string") return JSON.stringify(value);
  const text = canonicalJson(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
