import { createHash } from "node:crypto";
import type { DuplicateCounts } from "./files.ts";

/** Pairs that are named of each kind. */
const MOST_PAIRS = 3;

/** Digests of images in the order of their rows: equal ones are equal pixel by pixel. */
export class ImageDigests {
  /** SHA-256, a character a byte. */
  readonly #digests: string[] = [];

  /** @param images Uint8 `[n, height, width, 3]`, `length` bytes each. */
  add(images: Uint8Array, length: number): void {
    for (let at = 0; at < images.length; at += length) {
      const image = images.subarray(at, at + length);
      this.#digests.push(createHash("sha256").update(image).digest("binary"));
    }
  }

  /** The digest of a row. */
  of(row: number): string {
    return this.#digests[row];
  }
}

/** The splits of a data set, as far as images that are there twice are looked for. */
export interface DigestedSplits {
  /** Of the images that `train` and `validation` are rows of. */
  readonly pool: ImageDigests;
  /** Class index by row of the pool. */
  readonly labels: Int32Array;
  readonly train: Int32Array;
  readonly validation: Int32Array;
  readonly test: ImageDigests;
  /** Number of test images. */
  readonly tests: number;
}

/** Rows of two equal images: the first in the split that is named first. */
export type Pair = readonly [number, number];

/** How many there are, and the first few of each kind. */
export interface Duplicates {
  readonly counts: DuplicateCounts;
  readonly pairs: Readonly<Record<keyof DuplicateCounts, readonly Pair[]>>;
}

/** Finds images that are there more than once where that spoils what is learned or measured. */
export function findDuplicates(splits: DigestedSplits): Duplicates {
  const { pool, labels, train, validation, test, tests } = splits;
  const firstOf = (rows: Int32Array) => {
    const first = new Map<string, number>();
    for (const row of rows) if (!first.has(pool.of(row))) first.set(pool.of(row), row);
    return first;
  };
  const trained = firstOf(train);
  const validated = firstOf(validation);
  const within = (digests: ImageDigests, rows: Iterable<number>, other: Map<string, number>) => {
    const pairs: Pair[] = [];
    let count = 0;
    for (const row of rows) {
      const twin = other.get(digests.of(row));
      if (twin !== undefined && ++count <= MOST_PAIRS) pairs.push([row, twin]);
    }
    return { count, pairs };
  };
  const testRows = Array.from({ length: tests }, (_, row) => row);
  const found = {
    test_in_train: within(test, testRows, trained),
    test_in_validation: within(test, testRows, validated),
    validation_in_train: within(pool, validation, trained),
    across_classes: acrossClasses(pool, labels, train, trained),
  };
  const each = <T>(take: (kind: { count: number; pairs: Pair[] }) => T) =>
    Object.fromEntries(Object.entries(found).map(([name, kind]) => [name, take(kind)])) as Record<
      keyof DuplicateCounts,
      T
    >;
  return { counts: each(({ count }) => count), pairs: each(({ pairs }) => pairs) };
}

/** Pictures that more than one class has; each counts once, with the first image of another class. */
function acrossClasses(
  pool: ImageDigests,
  labels: Int32Array,
  train: Int32Array,
  first: ReadonlyMap<string, number>,
) {
  const found = new Set<string>();
  const pairs: Pair[] = [];
  for (const row of train) {
    const digest = pool.of(row);
    const twin = first.get(digest)!;
    if (labels[twin] === labels[row] || found.has(digest)) continue;
    found.add(digest);
    if (pairs.length < MOST_PAIRS) pairs.push([twin, row]);
  }
  return { count: found.size, pairs };
}

/** What each kind is called, of one and of several, and what follows from it. */
const WORDS: Readonly<Record<keyof DuplicateCounts, readonly [one: string, many: string]>> = {
  test_in_train: [
    "test image is a training image too, pixel by pixel",
    "test images are training images too, pixel by pixel",
  ],
  test_in_validation: [
    "test image is a validation image too, pixel by pixel",
    "test images are validation images too, pixel by pixel",
  ],
  validation_in_train: [
    "validation image is a training image too, pixel by pixel",
    "validation images are training images too, pixel by pixel",
  ],
  across_classes: [
    "picture is a training image of more than one class",
    "pictures are training images of more than one class",
  ],
};

/** The kinds that there are, a sentence without its end each. */
export function sayDuplicates(counts: DuplicateCounts): [keyof DuplicateCounts, string][] {
  return (Object.keys(WORDS) as (keyof DuplicateCounts)[]).filter((name) => counts[name] > 0)
    .map((name) => {
      const count = counts[name];
      return [name, `${count.toLocaleString("en-GB")} ${WORDS[name][count === 1 ? 0 : 1]}`];
    });
}

/** A warning for each kind, naming a few pairs. */
export function warningsOf(
  { counts, pairs }: Duplicates,
  nameOf: { pool(row: number): string; test(row: number): string },
): string[] {
  return sayDuplicates(counts).map(([name, text]) => {
    const first = name.startsWith("test") ? nameOf.test : nameOf.pool;
    const named = pairs[name].map(([a, b]) => `${first(a)} is ${nameOf.pool(b)}`);
    const more = counts[name] - named.length;
    return `${text}: ${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  });
}
