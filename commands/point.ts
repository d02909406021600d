import { UserError } from "../base/errors.ts";
import { listWords, nearest } from "../pipeline/suggest.ts";
import type { PlannedPoint, SweepFile } from "../pipeline/sweep_plans.ts";
import type { Option } from "./cli.ts";

/** Chooses one point of a sweep. */
export const POINT_OPTION: Option = {
  name: "point",
  value: "POINT",
  description: "Of a config with a sweep: which point",
};

/** @throws {UserError} if the config has no sweep, or the sweep no such point. */
export function pointNamed({ points }: SweepFile, name: string): PlannedPoint {
  if (points === undefined) {
    throw new UserError(`Cannot find point "${name}": the config has no sweep`);
  }
  const point = points.find((other) => other.name === name);
  if (point !== undefined) return point;
  const names = points.map((other) => other.name);
  const near = nearest(name, names);
  const advice = near ? `did you mean "${near}"?` : `its points are ${listWords(names, "and")}`;
  throw new UserError(`Cannot find point "${name}" of the sweep: ${advice}`);
}
