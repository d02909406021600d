import type { Problem } from "./problems.ts";
import { type Checked, explainIssues } from "./sentences.ts";
import { valueOf } from "./tree.ts";

/** How often a value is mended and checked again. */
const ROUNDS = 4;

/** What a schema makes of a value. */
export interface CheckedValue {
  /** The value with defaults; undefined where something is wrong with it. */
  readonly value?: Record<string, unknown>;
  /** What it would be with its mistakes mended, where that is clear enough to check others by. */
  readonly mended?: Record<string, unknown>;
  readonly problems: readonly Problem[];
}

/**
 * Checks a value, and where it is wrong mends what it can and checks again: a mistake often hides
 * others from the schema (under a misspelt key, beside a misspelt `name`), and all are to be told.
 */
export function checkValue(checked: Checked): CheckedValue {
  const problems: Problem[] = [];
  let tree = checked.tree;
  for (let round = 0; round < ROUNDS; round++) {
    const parsed = checked.schema.safeParse(valueOf(tree));
    if (parsed.success) {
      const value = parsed.data as Record<string, unknown>;
      return round === 0 ? { value, mended: value, problems } : { mended: value, problems };
    }
    const found = explainIssues(parsed.error.issues, { ...checked, tree });
    // What was taken out is missing in the next round: no mistake of the user's.
    problems.push(...found.filter(({ absence }) => round === 0 || !absence));
    tree = found.reduce((mended, { mend }) => mend(mended), tree);
  }
  return { problems };
}
