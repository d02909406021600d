import { UserError } from "../base/errors.ts";
import { listWords, nearest } from "../pipeline/suggest.ts";
import type { RunStatus, SweepStatus } from "./run_list.ts";

/**
 * A run or sweep by its name, its path from the project or its path from `outputs/`.
 * @throws {UserError} if there is none.
 */
export function findRun(
  all: readonly (RunStatus | SweepStatus)[],
  word: string,
  outputs: string,
): RunStatus | SweepStatus {
  const flat = all.flatMap((one) => one.kind === "sweep" ? [one, ...one.points] : [one]);
  const name = word.replace(/^(\.\/)?outputs\//, "").replace(/\/+$/, "");
  const found = flat.find((one) => one.name === name);
  if (found !== undefined) return found;
  const names = flat.map((one) => one.name);
  const near = nearest(name, names);
  const advice = near
    ? `did you mean "${near}"?`
    : names.length > 0
    ? `there are ${listWords(all.map((one) => one.name), "and")}`
    : "there is none at all";
  throw new UserError(`Cannot find a run "${name}" in ${outputs}: ${advice}`);
}
