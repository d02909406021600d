import { settingIn } from "./complete.ts";
import type { DeclaredStage } from "./declare.ts";
import type { Place } from "./problems.ts";
import { find } from "./tree.ts";
import type { Plan } from "./types.ts";

/** Where a plan's stages are written, by its list of stages, which copies of the plan share. */
const written = new WeakMap<Plan["stages"], readonly DeclaredStage[]>();

/** Keeps where a plan's stages are written, for what turns out wrong later. */
export function keepPlaces({ stages }: Plan, declared: readonly DeclaredStage[]): void {
  written.set(stages, declared);
}

/**
 * Where a parameter of a stage is written, or the stage's name where the parameter is not. Null where
 * the plan was not read from a config.
 *
 * @param parameter A dotted path.
 */
export function placeOf({ stages }: Plan, stage: string, parameter: string): Place | null {
  const declared = written.get(stages)?.find(({ name }) => name === stage);
  if (declared === undefined) return null;
  const found = find(declared.tree, parameter.split("."));
  return found === undefined ? declared.at : settingIn(found.value) ?? found.value.at;
}
