import { type Attention, dot, type Matrix } from "./attention.ts";

/** What must hold of the weights and the output of one patch, and by how much it does. */
export interface RowCheck {
  /** Sum of the weights. */
  readonly sum: number;
  /** Smallest weight: not below 0. */
  readonly smallest: number;
  /** Largest difference between the output and the same point reckoned from the first value. */
  readonly residual: number;
  /** By number of the output: smallest of the values, the output, largest of the values. */
  readonly bounds: readonly (readonly [low: number, output: number, high: number])[];
  readonly sums_to_one: boolean;
  readonly in_hull: boolean;
}

/** Rounding of one operation in float64 is at most 2^-53 of its result; 8 of them a weight. */
const ROUNDING = 2 ** -50;

/**
 * Checks every row of attention. Weights that are not negative and add up to 1 make the output a
 * mean of the values, which lies in their convex hull: the output is reckoned again as
 * v_1 + sum_j w_j (v_j - v_1), which is the same point only if they do.
 */
export function checkRows({ weights, values, outputs }: Attention): RowCheck[] {
  return weights.map((row, i) => checkRow(row, values, outputs[i]));
}

function checkRow(
  weights: readonly number[],
  values: Matrix,
  output: readonly number[],
): RowCheck {
  const sum = weights.reduce((a, b) => a + b, 0);
  const smallest = weights.reduce((a, b) => Math.min(a, b));
  const columns = output.map((_, c) => values.map((value) => value[c]));
  const again = columns.map((column) =>
    column[0] + dot(weights, column.map((value) => value - column[0]))
  );
  const residual = again.reduce((most, x, c) => Math.max(most, Math.abs(x - output[c])), 0);
  const bounds = columns.map((column, c) => {
    const low = column.reduce((a, b) => Math.min(a, b));
    const high = column.reduce((a, b) => Math.max(a, b));
    return [low, output[c], high] as const;
  });
  const size = bounds.reduce(
    (most, [low, , high]) => Math.max(most, Math.abs(low), Math.abs(high)),
    0,
  );
  const allowed = weights.length * ROUNDING;
  const within = bounds.every(([low, x, high]) =>
    x >= low - allowed * size && x <= high + allowed * size
  );
  return {
    ...{ sum, smallest, residual, bounds },
    sums_to_one: Math.abs(sum - 1) <= allowed,
    in_hull: smallest >= 0 && residual <= allowed * size && within,
  };
}
