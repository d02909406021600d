import type { Random } from "../../base/random.ts";
import type { Method } from "./files.ts";
import type { Maps } from "./maps.ts";

/** Orders of an image's patches, by method: the most important first. */
export type Orders = Readonly<Record<Method, readonly number[]>>;

/**
 * In which order each method takes the patches of an image.
 *
 * @param grid Patches down and across.
 * @param random The image's own: it makes the random order, and decides among equal values.
 */
export function ordersOf(
  maps: Maps,
  grid: readonly [down: number, across: number],
  random: Random,
): Orders {
  const patches = grid[0] * grid[1];
  return {
    "last-block": largestFirst(maps["last-block"], random),
    rollout: largestFirst(maps.rollout, random),
    relevance: largestFirst(maps.relevance, random),
    random: largestFirst(new Float32Array(patches), random),
    center: largestFirst(nearness(grid), random),
  };
}

/** Patches by value, the largest first; equal ones in random order, so that no place gains by them. */
export function largestFirst(values: ArrayLike<number>, random: Random): number[] {
  const order = random.shuffle(Array.from(values, (_, patch) => patch));
  return order.sort((a, b) => values[b] - values[a]); // stable
}

/** How near each patch is to the image's centre, in shares of its sides: the nearest has most. */
function nearness([down, across]: readonly [number, number]): number[] {
  return Array.from({ length: down * across }, (_, patch) => {
    const y = (Math.floor(patch / across) + 0.5) / down - 0.5;
    const x = (patch % across + 0.5) / across - 0.5;
    // Rounded: patches as far from the centre as one another are equal.
    return -Math.round(1e9 * Math.hypot(x, y));
  });
}

/** Steps from the whole image to none of it, at most. */
const STEPS = 16;

/** How many patches are removed (or added) at each step, from none to all of them. */
export function counts(patches: number): number[] {
  const steps = Math.min(STEPS, patches);
  return Array.from({ length: steps + 1 }, (_, step) => Math.round(step * patches / steps));
}
