import { holm, poissonAtLeast } from "../../base/statistics.ts";

/** Two classes that were taken for each other. */
export interface ConfusedPair {
  /** Indices; the first is the class of which more images were taken for the other. */
  readonly classes: readonly [number, number];
  /** Images of the first taken for the second, and of the second taken for the first. */
  readonly images: readonly [number, number];
  /** How many there would be, both ways together, if mistakes had no taste for pairs. */
  readonly expected: number;
  /** Probability of as many by chance, corrected for the number of pairs (Holm). */
  readonly p: number;
}

/** Below this a pair is confused beyond chance. */
export const BEYOND_CHANCE = 0.05;

/** With fewer classes the sums of their mistakes leave no choice of pairs. */
export const FEWEST_CLASSES = 4;

/** Steps of the fit; it has converged long before. */
const STEPS = 1000;

/**
 * Every pair of classes with a mistake between them, the least likely by chance first.
 *
 * What chance explains is quasi-independence (Goodman 1968): each class makes its mistakes, and each
 * is the answer of some, and beyond that it does not matter which. The expected counts have the rows'
 * and the columns' sums of the mistakes, and nothing on the diagonal. A pair that makes half of all
 * mistakes or more would explain itself: its own are left out of the fit, and what it is compared with
 * is at least what evenly strewn mistakes would be. As many images as were seen, or more, have the probability of a Poisson variable of that mean.
 *
 * @param matrix `[true class][predicted class]`, images.
 */
export function confusedPairsOf(matrix: readonly (readonly number[])[]): ConfusedPair[] {
  const classes = matrix.length;
  const mistakes = matrix.flatMap((row, i) => row.filter((_, j) => i !== j))
    .reduce((sum, images) => sum + images, 0);
  const ordinary = quasiIndependence(matrix);
  const between = (expected: Expected, i: number, j: number) => expected(i, j) + expected(j, i);
  const pairs: ConfusedPair[] = [];
  const all: number[] = [];
  for (let i = 0; i < classes; i++) {
    for (let j = i + 1; j < classes; j++) {
      const together = matrix[i][j] + matrix[j][i];
      const even = 2 * (mistakes - together + 1) / (classes * (classes - 1) - 2);
      const mean = 2 * together >= mistakes
        ? Math.max(even, between(quasiIndependence(matrix, i, j), i, j))
        : between(ordinary, i, j);
      const p = together === 0 || mean <= 0 ? 1 : poissonAtLeast(together, mean);
      all.push(p);
      const first = matrix[i][j] >= matrix[j][i] ? [i, j] as const : [j, i] as const;
      const images = [matrix[first[0]][first[1]], matrix[first[1]][first[0]]] as const;
      pairs.push({ classes: first, images, expected: mean, p });
    }
  }
  const corrected = holm(all);
  return pairs.map((pair, index) => ({ ...pair, p: corrected[index], raw: all[index] }))
    .filter(({ images: [a, b] }) => a + b > 0)
    .sort((a, b) => a.raw - b.raw || b.images[0] + b.images[1] - a.images[0] - a.images[1])
    .map(({ raw: _, ...pair }) => pair);
}

/** Mistakes of class i that would be taken for class j. */
type Expected = (i: number, j: number) => number;

/**
 * Expected mistakes from class to class, by iterative proportional fitting.
 * @param a,b Classes whose mistakes with each other are left out, where there are such.
 */
function quasiIndependence(
  matrix: readonly (readonly number[])[],
  a = -1,
  b = -1,
): Expected {
  const left = (i: number, j: number) => i === j || (i === a && j === b) || (i === b && j === a);
  const made = matrix.map((row, i) =>
    row.reduce((sum, images, j) => sum + (left(i, j) ? 0 : images), 0)
  );
  const given = matrix.map((_, j) =>
    matrix.reduce((sum, row, i) => sum + (left(i, j) ? 0 : row[j]), 0)
  );
  let [rows, columns] = [made.map(() => 1), given.map(() => 1)];
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const fitted = (sums: readonly number[], others: readonly number[]) => {
    const all = sum(others);
    return sums.map((n, i) => {
      const rest = all - (i === a || i === b ? others[a] + others[b] : others[i]);
      return n === 0 || rest <= 0 ? 0 : n / rest;
    });
  };
  for (let step = 0; step < STEPS; step++) {
    const next = fitted(made, columns);
    columns = fitted(given, next);
    const moved = next.some((value, i) => Math.abs(value - rows[i]) > 1e-12 * (value + rows[i]));
    rows = next;
    if (!moved) break;
  }
  return (i, j) => rows[i] * columns[j];
}
