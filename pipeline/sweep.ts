import { z } from "zod";
import { lazily } from "../base/lazy.ts";

const value = z.unknown();
const path = z.string().min(1);

const parameters = z.record(path, z.array(value).min(1)).describe(
  "Values to try by parameter: a stage's name and the way to the parameter, joined by dots, or seed",
);

/** `sweep:` of a config: which values to try. */
export const sweepSchema = z.discriminatedUnion("method", [
  z.strictObject({
    method: z.literal("grid").describe("Every combination"),
    parameters,
  }),
  z.strictObject({
    method: z.literal("random").describe("Some of the combinations, drawn from the seed"),
    samples: z.int().min(1).max(10_000).describe("How many combinations are drawn, each once"),
    parameters,
  }),
  z.strictObject({
    method: z.literal("list").describe("The points that are written down"),
    points: z.array(z.record(path, value)).min(1).describe("Each a map from parameter to value"),
  }),
]);

/** A sweep, parsed and with every path and value checked. */
export type Sweep = z.infer<typeof sweepSchema>;

/** One run of a sweep. */
export interface SweepPoint {
  /** A plain file name that says what is set, unlike any other point's: `learning_rate-0.001`. */
  readonly name: string;
  /** Value by dotted path, as `--set` takes them: `train.optimizer.learning_rate`. */
  readonly set: Readonly<Record<string, unknown>>;
}

/** Most points of a sweep that are run. */
export const MOST_POINTS = 10_000;

/** How many points a sweep has. */
export function countPoints(sweep: Sweep): number {
  if (sweep.method === "list") return sweep.points.length;
  const all = gridSize(sweep.parameters);
  return sweep.method === "random" ? Math.min(sweep.samples, all) : all;
}

/**
 * The points of a sweep, in order: for a grid the last parameter changes fastest; random points
 * are combinations of the grid, drawn from the seed without repetition and then put in its order.
 */
export async function expandSweep(sweep: Sweep, seed: number): Promise<SweepPoint[]> {
  const sets = sweep.method === "list"
    ? sweep.points
    : (await chosen(sweep, seed)).map((index) => combination(sweep.parameters, index));
  return nameAll(sets);
}

function gridSize(parameters: Record<string, unknown[]>): number {
  return Object.values(parameters).reduce((size, values) => size * values.length, 1);
}

// It loads node:crypto, which a run without such a sweep does without.
const RANDOM = lazily<typeof import("../base/random.ts")>("../base/random.ts", import.meta.url);

async function chosen(
  sweep: Exclude<Sweep, { method: "list" }>,
  seed: number,
): Promise<number[]> {
  const size = gridSize(sweep.parameters);
  if (sweep.method === "grid" || sweep.samples >= size) {
    return Array.from({ length: size }, (_, index) => index);
  }
  // Floyd's sampling (Bentley & Floyd 1987): distinct numbers, without a list of the whole grid.
  const stream = (await RANDOM()).random(seed, "sweep");
  const picked = new Set<number>();
  for (let last = size - sweep.samples; last < size; last++) {
    const index = Math.floor(stream.uniform() * (last + 1));
    picked.add(picked.has(index) ? last : index);
  }
  return [...picked].sort((a, b) => a - b);
}

function combination(parameters: Record<string, unknown[]>, index: number) {
  const entries: [string, unknown][] = [];
  let rest = index;
  for (const [path, values] of Object.entries(parameters).reverse()) {
    entries.unshift([path, values[rest % values.length]]);
    rest = Math.floor(rest / values.length);
  }
  return Object.fromEntries(entries);
}

function nameAll(sets: readonly Record<string, unknown>[]): SweepPoint[] {
  return namePoints(sets).map((name, index) => ({ name, set: sets[index] }));
}

/** A name for each point that says what it sets; no two are alike. */
export function namePoints(sets: readonly Readonly<Record<string, unknown>>[]): string[] {
  const paths = [...new Set(sets.flatMap((set) => Object.keys(set)))];
  const seen = new Map<string, number>();
  return sets.map((set, index) => {
    const words = Object.entries(set).map(([path, value]) =>
      `${shortName(path, paths)}-${text(value)}`
    );
    let name = words.join("_").replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^\.+/, "");
    if (name === "" || name.length > 80) name = `point-${index + 1}`;
    // Upper and lower case are one name on some disks.
    const times = (seen.get(name.toLowerCase()) ?? 0) + 1;
    seen.set(name.toLowerCase(), times);
    return times === 1 ? name : `${name}-again-${times}`;
  });
}

/** The last word of a path, or the whole where two parameters end in the same one. */
function shortName(path: string, paths: readonly string[]): string {
  const last = path.split(".").at(-1)!;
  return paths.filter((other) => other.split(".").at(-1) === last).length > 1 ? path : last;
}

/** A value as a name has it. */
function text(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value).replace(/["{}[\]\s]/g, "");
}
