import { UserError } from "../base/errors.ts";
import { listWords, nearest } from "../pipeline/suggest.ts";
import type { RunStatus, SweepStatus } from "./run_list.ts";
import type { SweepFile } from "./sweep_file.ts";

/** The name of a run in `outputs/`, of what was typed: its path from the project will do too. */
export function runName(word: string): string {
  return word.replace(/^(\.\/)?outputs\//, "").replace(/\/+$/, "");
}

/**
 * A run or sweep by its name, its path from the project or its path from `outputs/`.
 * @throws {UserError} if there is none.
 */
export function findRun(
  all: readonly (RunStatus | SweepStatus)[],
  word: string,
  outputs: string,
): RunStatus | SweepStatus {
  const name = runName(word);
  const found = flat(all).find((one) => one.name === name);
  if (found === undefined) throw unknownRun(all, name, outputs);
  return found;
}

/** The error for a name that no run bears. @param hint What may stand there, where that is more. */
export function unknownRun(
  all: readonly (RunStatus | SweepStatus)[],
  name: string,
  outputs: string,
  hint?: string,
): UserError {
  const near = nearest(name, flat(all).map((one) => one.name));
  const advice = near
    ? `did you mean "${near}"?`
    : all.length > 0
    ? `there are ${listWords(all.map((one) => one.name), "and")}`
    : "there is none at all";
  return new UserError(`Cannot find a run "${name}" in ${outputs}: ${advice}`, { hint });
}

/** What to write in place of a sweep where one run is wanted: its best point, or any. */
export function pointInstead(word: string, sweep: SweepFile | undefined): string {
  return `${word.replace(/\/+$/, "")}/${sweep?.best ?? sweep?.points[0]?.name ?? "POINT"}`;
}

function flat(all: readonly (RunStatus | SweepStatus)[]): (RunStatus | SweepStatus)[] {
  return all.flatMap((one) => one.kind === "sweep" ? [one, ...one.points] : [one]);
}
