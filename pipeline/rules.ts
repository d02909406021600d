import type { z } from "zod";
import { typesAt } from "./schema_walk.ts";
import { listWords } from "./suggest.ts";

type Issue = z.core.$ZodIssue;

/** Words that a rule allows, for "did you mean". */
export function wordsOf(issue: Issue): string[] {
  if (issue.code === "invalid_value") return issue.values.map(String);
  if (issue.code === "invalid_union") return discriminators(issue);
  return [];
}

/** The words that say which map is meant; undefined stands for one that may be left out. */
function discriminators(issue: z.core.$ZodIssueInvalidUnion): string[] {
  const options = (issue as { options?: readonly unknown[] }).options ?? [];
  return options.filter((option) => option !== undefined).map(String);
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
export function ruleOf(issue: Issue, schema: z.ZodType, value: unknown): string {
  const own = ownRule(issue);
  if (own !== undefined) return own;
  switch (issue.code) {
    case "invalid_type": {
      // Any number that is not finite is refused, and zod says of a text only that it is no number.
      const types = typesAt(schema, issue.path, value);
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
      return issue.pattern
        ? `it must match ${issue.pattern}`
        : `it must be a valid ${issue.format}`;
    case "invalid_key":
      return "its key is not allowed";
    default:
      return issue.message;
  }
}

/** What the schema itself says of a wrong type or form: better than the name of a type or a pattern. */
export function ownRule({ code, message }: Issue): string | undefined {
  const may = code === "invalid_type" || code === "invalid_format" || code === "invalid_union";
  return may && !message.startsWith("Invalid") ? message : undefined;
}

function bound(issue: { origin: string; exact?: boolean }, limit: number, word: string): string {
  const amount = issue.exact ? "exactly" : word;
  const many = limit === 1 ? "" : "s";
  if (issue.origin === "array") return `it must have ${amount} ${limit} value${many}`;
  if (issue.origin === "string") return `it must have ${amount} ${limit} character${many}`;
  return `it must be ${amount} ${limit}`;
}

function listValues(values: readonly unknown[]): string {
  const words = values.filter((value) => typeof value === "string");
  return words.length === values.length ? listWords(words) : values.map(String).join(" or ");
}
