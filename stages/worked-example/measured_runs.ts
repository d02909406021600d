import type { AccuracyPoint } from "../../figures/accuracy_lines.ts";
import { pointsOf } from "../evaluate/robustness_points.ts";
import type { Measured } from "./measured.ts";
import { counted, listed, shown } from "./numbers.ts";

/** Models of a kind that differ in how many images they were trained on; their `kind` is the same. */
export function trainedOnAll(rows: readonly Measured[]): Measured[] {
  const most = (kind: string) =>
    Math.max(...rows.filter((row) => row.kind === kind).map((row) => row.training?.images ?? 0));
  return rows.filter((row) => (row.training?.images ?? 0) === most(row.kind));
}

/** Validation accuracy (training accuracy where nothing was held back) against images seen. */
export function learningPoints(rows: readonly Measured[]): AccuracyPoint[] {
  return trainedOnAll(rows).flatMap(({ label, training }) =>
    (training?.epochs ?? []).flatMap(({ images_seen: x, validation_accuracy: accuracy }) =>
      accuracy === null ? [] : [{ label, x, accuracy }]
    )
  );
}

/** Test accuracy against the distance that images were moved by, and the patches they were cut into. */
export function robustnessPoints(rows: readonly Measured[]) {
  const all = trainedOnAll(rows).flatMap(({ label, robustness }) =>
    robustness === undefined ? [] : [pointsOf(robustness, label)]
  );
  return {
    shifts: all.flatMap(({ shifts }) => shifts),
    patches: all.flatMap(({ patches }) => patches),
    counts: new Map(all.flatMap(({ counts }) => [...counts])),
  };
}

/** Test accuracy against the number of training images, for kinds that were trained on several. */
export function dataPoints(rows: readonly Measured[]): AccuracyPoint[] {
  const points = rows.flatMap(({ kind, training, accuracy, interval }) =>
    training === undefined ? [] : [{ label: kind, x: training.images, accuracy, interval }]
  );
  const several = (label: string) =>
    new Set(points.filter((point) => point.label === label).map(({ x }) => x)).size > 1;
  return points.filter(({ label }) => several(label)).sort((a, b) => a.x - b.x);
}

/** What moving, shuffling and less data did, in numbers; nothing where it was not measured. */
export function sayRuns(rows: readonly Measured[]): string[] {
  const { shifts, patches, counts } = robustnessPoints(rows);
  const data = dataPoints(rows);
  const whole = [...counts].filter(([, count]) => count === 1).map(([side]) => side);
  return [
    ...(shifts.length === 0 ? [] : [
      `Moved by ${counted(greatest(shifts), "pixel")}: ${
        changes(shifts, Math.min(...shifts.map(({ x }) => x)), greatest(shifts))
      }.`,
    ]),
    ...(whole.length === 0 ? [] : [...counts.keys()]
      .filter((side) => !whole.includes(side)).sort((a, b) => b - a)
      .filter((side, index, sides) => index === 0 || side === sides[sides.length - 1])
      .map((side) =>
        `Cut into patches of ${shown(side)} × ${shown(side)} pixels and shuffled: ${
          changes(patches, whole[0], side)
        }.`
      )),
    ...(data.length === 0 ? [] : [
      `Trained on ${counted(data[0].x, "image")} instead of ${shown(greatest(data))}: ${
        changes(data, greatest(data), data[0].x)
      }.`,
    ]),
  ];
}

function greatest(points: readonly AccuracyPoint[]): number {
  return Math.max(...points.map(({ x }) => x));
}

/** `CNN 61.2% (−3.4 points), …` for those that were measured at both places. */
function changes(points: readonly AccuracyPoint[], from: number, to: number): string {
  const at = (label: string, x: number) =>
    points.find((point) => point.label === label && point.x === x)?.accuracy;
  const labels = [...new Set(points.map(({ label }) => label))];
  return listed(labels.flatMap((label) => {
    const [before, after] = [at(label, from), at(label, to)];
    if (before === undefined || after === undefined) return [];
    const change = 100 * (after - before);
    const sign = Math.abs(change) < 0.05 ? "±" : change < 0 ? "−" : "+";
    return [`${label} ${(100 * after).toFixed(1)}% (${sign}${Math.abs(change).toFixed(1)} points)`];
  }));
}
