import { sorted } from "./imagefolder_list.ts";

/** The splits that a data set may bring, by the words that stand for them. */
const SPLIT_WORDS: Readonly<Record<string, "train" | "validation" | "test">> = {
  train: "train",
  training: "train",
  validation: "validation",
  val: "validation",
  valid: "validation",
  dev: "validation",
  test: "test",
  testing: "test",
};

/** A split of a data set. */
export type SplitName = "train" | "validation" | "test";

/** Which split a word stands for, whatever its case; undefined where it stands for none. */
export function splitOf(word: string): SplitName | undefined {
  const plain = word.trim().toLowerCase();
  return Object.hasOwn(SPLIT_WORDS, plain) ? SPLIT_WORDS[plain] : undefined;
}

/**
 * Distinct labels in the order of their class indices: whole numbers by value where all are some,
 * else texts by code point.
 */
export function classesOf(labels: Iterable<string>): string[] {
  const distinct = [...new Set(labels)];
  return distinct.every((label) => /^[+-]?\d{1,15}$/.test(label))
    ? sorted(distinct).sort((a, b) => Number(a) - Number(b))
    : sorted(distinct);
}

/** The first class that no image of a split has; undefined where all are there. */
export function emptyClass(
  classes: readonly string[],
  labels: ArrayLike<number>,
): string | undefined {
  const there = new Uint8Array(classes.length);
  for (let i = 0; i < labels.length; i++) there[labels[i]] = 1;
  const index = there.indexOf(0);
  return index < 0 ? undefined : classes[index];
}
