import type { Status } from "../pipeline/types.ts";
import type { Epochs, Validation } from "./results.ts";

/** A point of a sweep with what its run came to. */
export interface PointResult {
  readonly name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly status: Status;
  readonly validation?: Validation;
  /** Its value, as text, of each parameter that the sweep varies, set by it or not. */
  readonly values?: Readonly<Record<string, string>>;
  /** What was measured after each epoch. */
  readonly epochs?: Epochs;
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

/** A point with a result. */
export type GoodPoint = PointResult & Required<Pick<PointResult, "validation">>;

/** Whether a point came through, and with a result. */
export function isGood(point: PointResult): point is GoodPoint {
  return point.validation !== undefined && !["failed", "interrupted"].includes(point.status);
}
