import type { z } from "zod";
import { printable, quoted } from "../base/printable.ts";
import type { Place, Problem } from "./problems.ts";
import { homesOf, keysAt } from "./schema_walk.ts";
import { ownRule, ruleOf, wordsOf } from "./rules.ts";
import { listWords, nearest } from "./suggest.ts";
import { find, removeAt, renameAt, replaceAt, type Tree, valueOf } from "./tree.ts";

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

/** A mistake, and what a value may look like without it. */
export interface Finding extends Problem {
  /** Puts the word that was meant in place of the wrong one, or takes out what is wrong. */
  mend(tree: Tree): Tree;
}

/** Turns what zod found into sentences that name place, value, rule and the nearest right word. */
export function explainIssues(issues: readonly Issue[], checked: Checked): Finding[] {
  // A key that is misspelt is not missing as well.
  const misspelt = new Set(
    issues.flatMap((issue) =>
      issue.code !== "unrecognized_keys"
        ? []
        : issue.keys.map((key) => pathKey([...issue.path, meant(key, issue.path, checked) ?? ""]))
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
    // Without the word that says what a map is, what else is in it can't be judged.
    const wrong = issue.code === "invalid_union" ? path.slice(0, -1) : path;
    const rule = ruleOf(issue, checked.schema, valueOf(checked.tree));
    return [wrongValue(path, rule, wordsOf(issue), wrong, checked)];
  });
}

/** Explains a choice by the branch that the value was most likely meant for. */
function explainUnion(issue: z.core.$ZodIssueInvalidUnion, checked: Checked): Finding[] {
  const path = issue.path as Path;
  const branches = issue.errors.map((errors) => ({
    errors,
    misspelt: misspeltIn(errors, path, checked).length,
    misfits: errors.filter(isMisfit).length,
    apart: errors.some((error) => error.path.length === 0 && isMisfit(error)),
  })).sort((a, b) =>
    Number(a.apart) - Number(b.apart) || b.misspelt - a.misspelt || a.misfits - b.misfits ||
    a.errors.length - b.errors.length
  );
  if (!branches[0].apart) {
    // A key that is nearly right says which of them was meant.
    const clear = branches[0].misspelt > 0;
    const alike = branches.filter(({ apart, misfits }) =>
      !clear && !apart && misfits > 0 && misfits === branches[0].misfits
    );
    const choices = alike.flatMap(({ errors }) => missingIn(errors, path, checked));
    if (alike.length > 1 && choices.length === alike.length) {
      const finding = wrongValue(path, `it must have ${listWords(choices)}`, [], path, checked);
      const empty = alike.every(({ errors }) => !errors.some(isStrange));
      return [{ ...finding, absence: empty }];
    }
    const inner = branches[0].errors.map((error) => ({ ...error, path: [...path, ...error.path] }));
    return explainIssues(inner as Issue[], checked);
  }
  // It fits none: the rule for it as a whole, or the rules of all together.
  const own = ownRule(issue);
  if (own !== undefined) return [wrongValue(path, own, [], path, checked)];
  const value = valueOf(checked.tree);
  const rules = branches.flatMap(({ errors }) =>
    errors.filter((error) => error.path.length === 0).map((error) => ({ ...error, path }) as Issue)
  );
  const texts = new Set(rules.map((rule) => ruleOf(rule, checked.schema, value)));
  const kinds = [...texts].map((text) => text.replace(/^it must be /, ""));
  const words = rules.flatMap(wordsOf);
  return [wrongValue(path, `it must be ${kinds.join(", or ")}`, words, path, checked)];
}

/** Keys of a map that are none, and nearer to one that it lacks than to those of other choices. */
function misspeltIn(errors: readonly Issue[], path: Path, checked: Checked): string[] {
  const lacking = errors.filter(({ path }) => path.length === 1).map(({ path }) => String(path[0]));
  return errors.flatMap((error) => isStrange(error) ? error.keys : [])
    .filter((key) => lacking.includes(meant(key, path, checked) ?? ""));
}

function isStrange(error: Issue): error is z.core.$ZodIssueUnrecognizedKeys {
  return error.code === "unrecognized_keys";
}

/** Keys that a map lacks. */
function missingIn(errors: readonly Issue[], path: Path, { tree }: Checked): string[] {
  return errors.filter((error) =>
    error.path.length === 1 && find(tree, [...path, error.path[0] as string]) === undefined
  ).map((error) => String(error.path[0]));
}

function isMisfit(issue: Issue): boolean {
  return issue.code === "invalid_type" || issue.code === "invalid_value" ||
    issue.code === "invalid_union";
}

/** @param wrong Path of what can't be used because of it. */
function wrongValue(
  path: Path,
  rule: string,
  words: string[],
  wrong: Path,
  checked: Checked,
): Finding {
  const { leaf, container } = naming(path, checked.name);
  const found = find(checked.tree, path);
  if (found === undefined) {
    const at = ownerOf(path, checked);
    const message = `Cannot do without ${quoted(leaf)}${container}: ${rule}`;
    return { at, message, absence: true, mend: (tree) => removeAt(tree, wrong) };
  }
  const at = found.value.at;
  const value = found.value.type === "scalar" ? found.value.value : undefined;
  const near = typeof value === "string" ? nearest(value, words) : undefined;
  const advice = near === undefined ? rule : `did you mean "${near}"?`;
  return {
    at,
    message: `Cannot use ${showValue(found.value)} for ${quoted(leaf)}${container}: ${advice}`,
    // A value that was left empty is placed at its key.
    absence: value === null && at === found.key,
    mend: (tree) =>
      near === undefined
        ? removeAt(tree, wrong)
        : replaceAt(tree, path, { type: "scalar", value: near, at }, at),
  };
}

function unknownKey(key: string, path: Path, checked: Checked): Finding {
  const place = find(checked.tree, [...path, key]);
  const inside = [checked.name, ...path].filter((step) => step !== "").join(".");
  const where = inside === "" ? "in the config" : `in ${quoted(inside)}`;
  const near = meant(key, path, checked);
  const value = valueOf(checked.tree);
  const keys = [...keysAt(checked.schema, path, value), ...extraKeys(path, checked)];
  const advice = keys.includes(key)
    ? "it does not go with the other keys there; leave one out"
    : near !== undefined
    ? `did you mean "${near}"?`
    : keys.length > 0
    ? `its keys are ${listWords(keys, "and")}`
    : "it has no keys";
  const isFree = near !== undefined && keysAt(checked.schema, path, value).includes(near) &&
    find(checked.tree, [...path, near]) === undefined;
  return {
    at: place?.key ?? place?.value.at ?? ownerOf(path, checked),
    message: `Cannot read key ${quoted(key)} ${where}: ${advice}`,
    mend: (tree) => isFree ? renameAt(tree, [...path, key], near) : removeAt(tree, [...path, key]),
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
    container: container === "" ? "" : ` in ${quoted(container)}`,
  };
}

/** A value as people may recognise it: as it was written, where that is short. */
export function showValue(tree: Tree): string {
  if (tree.type === "map") return "a map";
  if (tree.type === "list") {
    const text = printable(JSON.stringify(valueOf(tree)));
    return text.length <= 40 ? text : "a list";
  }
  return quoted(tree.value);
}

function pathKey(path: readonly PropertyKey[]): string {
  return path.map(String).join("\0");
}
