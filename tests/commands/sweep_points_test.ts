import { deepStrictEqual as equal, strictEqual } from "node:assert/strict";
import { formatSweep } from "../../commands/sweep.ts";
import { sweepRecord } from "../../commands/sweep_file.ts";
import { formatLosses, formatShares, groupPoints, summarize } from "../../commands/sweep_groups.ts";
import { type PointResult, rankPoints, statusOf } from "../../commands/sweep_points.ts";

function point(
  name: string,
  accuracy?: number,
  loss = 1,
  status: PointResult["status"] = "ran",
): PointResult {
  const validation = accuracy === undefined ? undefined : { accuracy, loss };
  return { name, parameters: {}, status, validation };
}

Deno.test("points rank by validation accuracy, equal ones by validation loss", () => {
  const points = [
    point("low", 0.2, 0.1),
    point("none"),
    point("high, worse loss", 0.8, 0.9),
    point("failed after training", 0.9, 0.1, "failed"),
    point("high", 0.8, 0.7),
    point("stopped", undefined, 1, "interrupted"),
  ];
  equal(rankPoints(points).map(({ name }) => name), [
    "high",
    "high, worse loss",
    "low",
    "none",
    "failed after training",
    "stopped",
  ]);
  strictEqual(sweepRecord(points).best, "high");
  strictEqual(sweepRecord([point("none"), point("bad", 1, 0, "failed")]).best, null);
});

Deno.test("a run's status is that of its stage that says most", () => {
  const of = (...statuses: PointResult["status"][]) =>
    statusOf(statuses.map((status) => ({ status })));
  equal(of("fresh", "ran", "failed", "skipped"), "failed");
  equal(of("fresh", "restored", "redrawn"), "redrawn");
  equal(of("fresh", "not reached"), "fresh");
  equal(of("fresh", "interrupted", "not reached"), "interrupted");
  equal(of(), "not reached");
});

Deno.test("a sweep ends with a table, the best point first", () => {
  equal(
    formatSweep("lr", [point("a", 0.5, 1.25), point("b-long", 0.625, 1.5), point("c")]),
    [
      "  point   status  validation accuracy  validation loss",
      "  b-long  ran                   62.5%           1.5000",
      "  a       ran                   50.0%           1.2500",
      "  c       ran                       –                –",
      "",
      "Best by validation accuracy: outputs/lr/b-long/",
    ].join("\n"),
  );
});

/** A point at a seed. */
function seeded(seed: number, rate: number, accuracy?: number, loss = 1): PointResult {
  const parameters = { seed, "train.rate": rate };
  return { ...point(`seed-${seed}_rate-${rate}`, accuracy, loss), parameters };
}

Deno.test("points that differ in the seed alone are summed up by mean and deviation", () => {
  const groups = groupPoints([
    seeded(1, 0.1, 0.5, 2),
    seeded(2, 0.1, 0.7, 1),
    seeded(3, 0.1, 0.6, 1.5),
    seeded(1, 0.2, 0.9, 0.5),
    seeded(2, 0.2),
  ]);
  // By hand: (0.5 + 0.7 + 0.6) / 3 = 0.6; sqrt((0.01 + 0.01 + 0) / 2) = 0.1. Losses likewise.
  const [best, other] = groups;
  equal([best.name, other.name], ["rate-0.2", "rate-0.1"]);
  equal(best.parameters, { "train.rate": 0.2 });
  equal([best.points, best.seeds], [["seed-1_rate-0.2", "seed-2_rate-0.2"], [1]]);
  equal(best.validation_accuracy, { mean: 0.9, deviation: null });
  equal(other.seeds, [1, 2, 3]);
  strictEqual(formatShares(other.validation_accuracy), "60.0% ± 10.0%");
  strictEqual(formatLosses(other.validation_loss), "1.5000 ± 0.5000");
  equal(summarize([]), null);
  equal(groupPoints([seeded(1, 0.1, 0.5), seeded(1, 0.2, 0.6)]), []);
});
