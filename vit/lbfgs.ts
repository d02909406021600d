/** A function of many numbers, with its slope. */
export interface Evaluation {
  readonly value: number;
  readonly gradient: Float64Array;
}

/** When to stop. */
export interface LbfgsOptions {
  /** Largest component of the gradient that counts as none. */
  readonly tolerance: number;
  /** Iterations at most. */
  readonly iterations: number;
  /** Called after each iteration, counted from 1; waited for, so that it can let others run. */
  readonly onIteration?: (iteration: number, largestGradient: number) => Promise<void>;
}

/** Where the search ended. */
export interface LbfgsResult {
  readonly x: Float64Array;
  readonly value: number;
  /** Largest component of the gradient there. */
  readonly largestGradient: number;
  readonly iterations: number;
  /** Whether `largestGradient` is within the tolerance. */
  readonly converged: boolean;
}

/** Pairs of steps and changes of slope that stand for the curvature. */
const MEMORY = 10;
/** Share of the decrease promised by the slope that a step must bring (Armijo). */
const DECREASE = 1e-4;
/** Halvings of a step before it is given up. */
const HALVINGS = 40;

/**
 * Minimises a convex function by L-BFGS (Nocedal and Wright 2006, algorithm 7.4) with a line search
 * that halves the step until it brings enough.
 *
 * @param evaluate The function; called at points that it must not keep.
 * @param start Stays as it is.
 */
export async function minimise(
  evaluate: (x: Float64Array) => Evaluation,
  start: Float64Array,
  { tolerance, iterations, onIteration }: LbfgsOptions,
): Promise<LbfgsResult> {
  let x: Float64Array = start.slice();
  let here = evaluate(x);
  const pairs: { s: Float64Array; y: Float64Array; rho: number }[] = [];
  let done = 0;
  while (largest(here.gradient) > tolerance && done < iterations) {
    const direction = descent(here.gradient, pairs);
    // Before anything is known of the curvature a step of length 1 at most.
    const first = pairs.length === 0 ? Math.min(1, 1 / Math.sqrt(dot(direction, direction))) : 1;
    const next = search(evaluate, x, here, direction, first);
    if (next === undefined) break; // the numbers have no room for a smaller value
    const s = next.x.map((value, i) => value - x[i]);
    const y = next.at.gradient.map((value, i) => value - here.gradient[i]);
    const curvature = dot(s, y);
    if (curvature > 0) pairs.push({ s, y, rho: 1 / curvature });
    if (pairs.length > MEMORY) pairs.shift();
    [x, here] = [next.x, next.at];
    done++;
    await onIteration?.(done, largest(here.gradient));
  }
  const largestGradient = largest(here.gradient);
  return {
    x,
    value: here.value,
    largestGradient,
    iterations: done,
    converged: largestGradient <= tolerance,
  };
}

/** The two loops: the negative gradient, bent by what the last steps say of the curvature. */
function descent(
  gradient: Float64Array,
  pairs: readonly { s: Float64Array; y: Float64Array; rho: number }[],
): Float64Array {
  const q = gradient.map((value) => -value);
  const alphas: number[] = [];
  for (const { s, y, rho } of pairs.toReversed()) {
    const alpha = rho * dot(s, q);
    alphas.push(alpha);
    addScaled(q, y, -alpha);
  }
  const last = pairs.at(-1);
  if (last) {
    const scale = 1 / (last.rho * dot(last.y, last.y));
    for (let i = 0; i < q.length; i++) q[i] *= scale;
  }
  for (const { s, y, rho } of pairs) addScaled(q, s, alphas.pop()! - rho * dot(y, q));
  return q;
}

function search(
  evaluate: (x: Float64Array) => Evaluation,
  x: Float64Array,
  here: Evaluation,
  direction: Float64Array,
  first: number,
): { x: Float64Array; at: Evaluation } | undefined {
  const slope = dot(here.gradient, direction);
  for (let i = 0, step = first; i < HALVINGS; i++, step /= 2) {
    const to = x.map((value, k) => value + step * direction[k]);
    const at = evaluate(to);
    if (at.value <= here.value + DECREASE * step * slope) return { x: to, at };
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function addScaled(to: Float64Array, what: Float64Array, by: number): void {
  for (let i = 0; i < to.length; i++) to[i] += by * what[i];
}

function largest(values: Float64Array): number {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most;
}
