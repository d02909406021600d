import { z } from "zod";
import { statuses } from "../pipeline/schemas.ts";
import type { Status } from "../pipeline/types.ts";

/** `sweep.json`: the points of a sweep, the best one first. */
export const sweepFile = z.strictObject({
  metric: z.literal("validation_accuracy").describe(
    "What points are ranked by, after the last epoch; of equal ones the lower validation loss wins",
  ),
  points: z.array(z.strictObject({
    name: z.string().describe("Its run's folder beside this file"),
    parameters: z.record(z.string(), z.unknown()).describe("Value by dotted path"),
    status: z.enum(statuses).describe("Of the stage that says most of the run"),
    validation_accuracy: z.number().min(0).max(1).nullable().describe(
      "null where nothing was trained, or on no validation images",
    ),
  })).describe("From best to worst; those without a result, in the order of the sweep, last"),
  best: z.string().nullable().describe("Name of the best point that did not fail"),
});
export type SweepFile = z.infer<typeof sweepFile>;

/** A point of a sweep with what its run came to. */
export interface PointResult {
  readonly name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly status: Status;
  readonly validation?: { readonly accuracy: number; readonly loss: number };
}

/** From what says most of a run to what says least. */
const TELLING: readonly Status[] = [
  "failed",
  "interrupted",
  "would run",
  "may run",
  "ran",
  "resumed",
  "redrawn",
  "restored",
  "fresh",
];

/** The status of a whole run: that of its stage that says most. */
export function statusOf(stages: readonly { readonly status: Status }[]): Status {
  return TELLING.find((status) => stages.some((stage) => stage.status === status)) ?? "not reached";
}

/**
 * Points from best to worst: by validation accuracy, of equal ones by validation loss. Never by
 * anything that was measured on test images: a model chosen by those has seen them.
 */
export function rankPoints(points: readonly PointResult[]): PointResult[] {
  return points.toSorted((a, b) => {
    const order = Number(isGood(b)) - Number(isGood(a));
    if (order !== 0 || !isGood(a) || !isGood(b)) return order;
    return b.validation.accuracy - a.validation.accuracy || a.validation.loss - b.validation.loss;
  });
}

type GoodPoint = PointResult & Required<Pick<PointResult, "validation">>;

function isGood(point: PointResult): point is GoodPoint {
  return point.validation !== undefined && !["failed", "interrupted"].includes(point.status);
}

/** What `sweep.json` says of points, in whatever order they come. */
export function sweepRecord(points: readonly PointResult[]): SweepFile {
  const ranked = rankPoints(points);
  return {
    metric: "validation_accuracy",
    points: ranked.map(({ name, parameters, status, validation }) => ({
      name,
      parameters: { ...parameters },
      status,
      validation_accuracy: validation?.accuracy ?? null,
    })),
    best: ranked[0] && isGood(ranked[0]) ? ranked[0].name : null,
  };
}
