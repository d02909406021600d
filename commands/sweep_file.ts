import { z } from "zod";
import { statuses } from "../pipeline/schemas.ts";
import { groupPoints } from "./sweep_groups.ts";
import { isGood, type PointResult, rankPoints } from "./sweep_points.ts";

const summary = z.strictObject({
  mean: z.number(),
  deviation: z.number().min(0).nullable().describe(
    "Of a sample (divided by one less than there are); null of one point",
  ),
}).nullable().describe("null where no point has a result");

/** `sweep.json`: the points of a sweep, the best one first. */
export const sweepFile = z.strictObject({
  metric: z.literal("validation_accuracy").describe(
    "What points are ranked by: of the published model, the last epoch's where keep is not best, or a linear probe's; of equal ones the lower validation loss wins",
  ),
  points: z.array(z.strictObject({
    name: z.string().describe("Its run's folder beside this file"),
    parameters: z.record(z.string(), z.unknown()).describe("Value by dotted path"),
    status: z.enum(statuses).describe("Of the stage that says most of the run"),
    validation_accuracy: z.number().min(0).max(1).nullable().describe(
      "null where nothing was trained, or on no validation images",
    ),
  })).describe("From best to worst; those without a result, in the order of the sweep, last"),
  groups: z.array(z.strictObject({
    name: z.string().describe("Its points' names without the seed"),
    parameters: z.record(z.string(), z.unknown()).describe(
      "Value by dotted path, but for the seed",
    ),
    points: z.array(z.string()).describe("Names of its points"),
    seeds: z.array(z.int()).describe("Seeds of those that have a result: what is summed up"),
    validation_accuracy: summary,
    validation_loss: summary,
  })).optional().describe(
    "Where seeds are repeated: points that differ in the seed alone, from the best mean to the worst",
  ),
  best: z.string().nullable().describe("Name of the best point that did not fail"),
});
export type SweepFile = z.infer<typeof sweepFile>;

/** What `sweep.json` says of points, in whatever order they come. */
export function sweepRecord(points: readonly PointResult[]): SweepFile {
  const ranked = rankPoints(points);
  const groups = groupPoints(points);
  return {
    metric: "validation_accuracy",
    points: ranked.map(({ name, parameters, status, validation }) => ({
      name,
      parameters: { ...parameters },
      status,
      validation_accuracy: validation?.accuracy ?? null,
    })),
    ...(groups.length > 0 && { groups }),
    best: ranked[0] && isGood(ranked[0]) ? ranked[0].name : null,
  };
}
