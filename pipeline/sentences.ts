import type { z } from "zod";
import type { Place, Problem } from "./problems.ts";
import { homesOf, keysAt, typesAt } from "./schema_walk.ts";
import { listWords, nearest } from "./suggest.ts";
import { find, type Tree, valueOf } from "./tree.ts";

type Issue = z.core.$ZodIssue;
type Path = readonly (string | number)[];

/** What was checked, to say where and against what. */
export interface Checked {
  readonly schema: z.ZodType;
  readonly tree: Tree;
  /** What the value is called: a stage's name; "" for the config itself. */
  readonly name: string;
  /** Where to point when something is missing at the top of it: the stage's key. */
  readonly owner: Place;
  /** Keys that are right but not the schema's, for suggestions. */
  readonly alsoKeys?: readonly string[];
}

/** Turns what zod found into sentences that name place, value, rule and the nearest right word. */
export function explainIssues(issues: readonly Issue[], checked: Checked): Problem[] {
  const unknown = issues.flatMap((issue) => issue.code === "unrecognized_keys" ? [issue] : []);
  // A key that is misspelt is not missing as well.
  const misspelt = new Set(
    unknown.flatMap((issue) =>
      issue.keys.map((key) =>
        pathKey([...issue.path as Path, meant(key, issue.path, checked) ?? ""])
      )
    ),
  );
  return issues.flatMap((issue) => {
    const path = issue.path as Path;
    if (misspelt.has(pathKey(path)) && find(checked.tree, path) === undefined) return [];
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => unknownKey(key, path, checked));
    }
    if (issue.code === "invalid_union" && issue.errors.length > 0) {
      return explainUnion(issue, checked);
    }
    return [wrongValue(path, ruleOf(issue, checked), wordsOf(issue), checked)];
  });
}

/** Explains a choice by the branch that the value was most likely meant for. */
function explainUnion(issue: z.core.$ZodIssueInvalidUnion, checked: Checked): Problem[] {
  const path = issue.path as Path;
  const branches = issue.errors.map((errors) => ({ errors, misfits: errors.filter(isMisfit) }));
  const best =
    branches.toSorted((a, b) =>
      a.misfits.length - b.misfits.length || a.errors.length - b.errors.length
    )[0];
  if (!best.errors.some((error) => error.path.length === 0 && isMisfit(error))) {
    const inner = best.errors.map((error) => ({ ...error, path: [...path, ...error.path] }));
    return explainIssues(inner as Issue[], checked);
  }
  // It fits none: the rules of all together.
  const rules = branches.flatMap(({ errors }) => errors.filter((error) => error.path.length === 0));
  const texts = new Set(rules.map((rule) => ruleOf({ ...rule, path: [] }, checked)));
  const kinds = [...texts].map((text) => text.replace(/^it must be /, ""));
  return [wrongValue(
    path,
    `it must be ${kinds.join(", or ")}`,
    rules.flatMap(wordsOf),
    checked,
  )];
}

function isMisfit(issue: z.core.$ZodIssue): boolean {
  return issue.code === "invalid_type" || issue.code === "invalid_value" ||
    issue.code === "invalid_union";
}

function wrongValue(path: Path, rule: string, words: string[], checked: Checked): Problem {
  const { leaf, container } = naming(path, checked.name);
  const found = find(checked.tree, path);
  if (found === undefined) {
    const at = ownerOf(path, checked);
    return { at, message: `Cannot do without "${leaf}"${container}: ${rule}`, absence: true };
  }
  const value = found.value.type === "scalar" ? found.value.value : undefined;
  const near = typeof value === "string" ? nearest(value, words) : undefined;
  const advice = near === undefined ? rule : `did you mean "${near}"?`;
  const message = `Cannot use ${showValue(found.value)} for "${leaf}"${container}: ${advice}`;
  return { at: found.value.at, message };
}

function unknownKey(key: string, path: Path, checked: Checked): Problem {
  const place = find(checked.tree, [...path, key]);
  const inside = [checked.name, ...path].filter((step) => step !== "").join(".");
  const where = inside === "" ? "in the config" : `in "${inside}"`;
  const near = meant(key, path, checked);
  const keys = [
    ...keysAt(checked.schema, path, valueOf(checked.tree)),
    ...extraKeys(path, checked),
  ];
  const advice = near !== undefined
    ? `did you mean "${near}"?`
    : keys.length > 0
    ? `its keys are ${listWords(keys, "and")}`
    : "it has no keys";
  return {
    at: place?.key ?? place?.value.at ?? ownerOf(path, checked),
    message: `Cannot read key ${JSON.stringify(key)} ${where}: ${advice}`,
  };
}

/** The key that was meant: the nearest one there, or a place further in that has this very key. */
function meant(key: string, path: readonly PropertyKey[], checked: Checked): string | undefined {
  const value = valueOf(checked.tree);
  const keys = [...keysAt(checked.schema, path, value), ...extraKeys(path, checked)];
  const homes = homesOf(checked.schema, path, value, key);
  return homes.length === 1 ? homes[0] : nearest(key, keys);
}

function extraKeys(path: readonly PropertyKey[], { alsoKeys }: Checked): readonly string[] {
  return path.length === 0 ? alsoKeys ?? [] : [];
}

/** The key of the innermost map on a path that was written. */
function ownerOf(path: Path, checked: Checked): Place {
  for (let length = path.length; length > 0; length--) {
    const found = find(checked.tree, path.slice(0, length));
    if (found) return found.key ?? found.value.at;
  }
  return checked.owner;
}

/** `betas[1]`, ` in "train.optimizer"`. */
function naming(path: Path, name: string): { leaf: string; container: string } {
  const whole = [...(name === "" ? [] : [name]), ...path];
  let cut = whole.length - 1;
  while (cut > 0 && typeof whole[cut] === "number") cut--;
  const [leaf, ...indices] = whole.slice(cut);
  const container = path.length === 0 && name !== "" ? "stages" : whole.slice(0, cut).join(".");
  return {
    leaf: `${leaf}${indices.map((index) => `[${index}]`).join("")}`,
    container: container === "" ? "" : ` in "${container}"`,
  };
}

/** A value as people may recognise it: as it was written, where that is short. */
export function showValue(tree: Tree): string {
  if (tree.type === "map") return "a map";
  if (tree.type === "list") {
    const text = JSON.stringify(valueOf(tree));
    return text.length <= 40 ? text : "a list";
  }
  if (typeof tree.value === "string") {
    const text = JSON.stringify(tree.value);
    return text.length <= 60 ? text : `${text.slice(0, 59)}…"`;
  }
  return String(tree.value);
}

function pathKey(path: readonly PropertyKey[]): string {
  return path.map(String).join("\0");
}

/** Words that a rule allows, for "did you mean". */
function wordsOf(issue: Issue): string[] {
  if (issue.code === "invalid_value") return issue.values.map(String);
  if (issue.code === "invalid_union") return discriminators(issue);
  return [];
}

function discriminators(issue: z.core.$ZodIssueInvalidUnion): string[] {
  return ((issue as { options?: readonly unknown[] }).options ?? []).map(String);
}

const TYPES: Record<string, string> = {
  int: "a whole number",
  number: "a number",
  string: "text",
  boolean: "true or false",
  array: "a list",
  tuple: "a list",
  object: "a map",
  record: "a map",
  null: "null",
};

/** What must hold, as the second half of a sentence: `it must be at least 0`. */
function ruleOf(issue: Issue, checked: Checked): string {
  switch (issue.code) {
    case "invalid_type": {
      // Any number that is not finite is refused, and zod says of a text only that it is no number.
      const types = typesAt(checked.schema, issue.path, valueOf(checked.tree));
      const whole = issue.expected === "number" && types.includes("int");
      const type = whole ? TYPES.int : TYPES[issue.expected] ?? `of type ${issue.expected}`;
      const finite = "received" in issue && !whole ? "a finite number" : type;
      return `it must be ${finite}${types.includes("null") ? ", or null" : ""}`;
    }
    case "invalid_value":
      return `it must be ${listValues(issue.values)}`;
    case "invalid_union":
      return `it must be ${listWords(discriminators(issue))}`;
    case "too_small":
      return bound(issue, Number(issue.minimum), issue.inclusive ? "at least" : "more than");
    case "too_big":
      return bound(issue, Number(issue.maximum), issue.inclusive ? "at most" : "less than");
    case "not_multiple_of":
      return `it must be a multiple of ${issue.divisor}`;
    case "invalid_format":
      // A message of the schema's own is better than the pattern.
      if (!issue.message.startsWith("Invalid")) return issue.message;
      return issue.pattern
        ? `it must match ${issue.pattern}`
        : `it must be a valid ${issue.format}`;
    case "invalid_key":
      return "its key is not allowed";
    default:
      return issue.message;
  }
}

function bound(issue: { origin: string; exact?: boolean }, limit: number, word: string): string {
  const amount = issue.exact ? "exactly" : word;
  const many = limit === 1 ? "" : "s";
  if (issue.origin === "array") return `it must have ${amount} ${limit} value${many}`;
  if (issue.origin === "string") return `it must have ${amount} ${limit} character${many}`;
  return `it must be ${amount} ${limit}`;
}

function listValues(values: readonly unknown[]): string {
  const texts = values.every((value) => typeof value === "string")
    ? listWords(values as string[])
    : values.map(String).join(" or ");
  return texts;
}
