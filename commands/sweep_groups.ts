import { namePoints } from "../pipeline/sweep.ts";
import { formatLoss, formatShare } from "./results.ts";
import type { SweepFile } from "./sweep_file.ts";
import { isGood, type PointResult } from "./sweep_points.ts";

/** Points that differ in the seed alone, as `sweep.json` has them. */
export type Group = NonNullable<SweepFile["groups"]>[number];

/** What a number comes to over several seeds. */
type Summary = NonNullable<Group["validation_accuracy"]>;

/**
 * Points that differ in the seed alone, summed up: from the best mean validation accuracy to the
 * worst, of equal ones by mean validation loss; those without a result last.
 * @returns nothing where no two points do.
 */
export function groupPoints(points: readonly PointResult[]): Group[] {
  const byRest = new Map<string, PointResult[]>();
  for (const point of points) {
    const rest = JSON.stringify(Object.entries(withoutSeed(point)));
    byRest.set(rest, [...byRest.get(rest) ?? [], point]);
  }
  const groups = [...byRest.values()];
  const repeated = groups.some((group) => new Set(group.map(seedOf)).size > 1);
  if (!repeated) return [];
  const sets = groups.map(([first]) => withoutSeed(first));
  const names = namePoints(sets);
  return groups.map((group, index): Group => {
    const good = group.filter(isGood);
    return {
      name: Object.keys(sets[index]).length === 0 ? "all" : names[index],
      parameters: sets[index],
      points: group.map(({ name }) => name),
      seeds: good.map((point) => Number(seedOf(point))),
      validation_accuracy: summarize(good.map(({ validation }) => validation.accuracy)),
      validation_loss: summarize(good.map(({ validation }) => validation.loss)),
    };
  }).sort((a, b) => meanOf(b) - meanOf(a) || lossOf(a) - lossOf(b));
}

/** Mean, and deviation of a sample. */
export function summarize(values: readonly number[]): Summary | null {
  if (values.length === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length === 1) return { mean, deviation: null };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)) };
}

/** `58.3% ± 7.1%`: mean and deviation of shares. */
export function formatShares(summary: Summary | null): string {
  return format(summary, formatShare);
}

/** `1.3046 ± 0.0210`: mean and deviation of losses. */
export function formatLosses(summary: Summary | null): string {
  return format(summary, formatLoss);
}

function format(summary: Summary | null, text: (value: number) => string): string {
  if (summary === null) return "–";
  const { mean, deviation } = summary;
  return deviation === null ? text(mean) : `${text(mean)} ± ${text(deviation)}`;
}

function withoutSeed({ parameters }: PointResult): Record<string, unknown> {
  return Object.fromEntries(Object.entries(parameters).filter(([path]) => path !== "seed"));
}

function seedOf({ parameters }: PointResult): unknown {
  return parameters.seed;
}

function meanOf({ validation_accuracy }: Group): number {
  return validation_accuracy?.mean ?? -1;
}

function lossOf({ validation_loss }: Group): number {
  return validation_loss?.mean ?? Infinity;
}
