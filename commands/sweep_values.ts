import type { PlannedPoint } from "../pipeline/sweep_plans.ts";
import type { Plan } from "../pipeline/types.ts";
import { flatten } from "./report/appendix.ts";

/**
 * The values of a point in all that its sweep varies, whether the point sets it or the config does:
 * text by dotted path, maps entered key by key.
 *
 * @param paths Everything that any point of the sweep sets.
 */
export function sweptValues(plan: Plan, paths: readonly string[]): Record<string, string> {
  return Object.fromEntries(paths.flatMap((path): [string, string][] => {
    if (path === "seed") return [["seed", String(plan.seed)]];
    // A name may have dots itself: the longest that fits is meant.
    const stage = plan.stages
      .filter(({ name }) => path === name || path.startsWith(`${name}.`))
      .sort((a, b) => b.name.length - a.name.length)[0];
    if (stage === undefined) return [];
    const value = path.slice(stage.name.length + 1).split(".").filter(Boolean)
      .reduce<unknown>(
        (tree, step) => (tree as Record<string, unknown> | null)?.[step],
        stage.params,
      );
    if (value === undefined) return [];
    const [name, above] = [path.split(".").at(-1)!, path.split(".").slice(0, -1).join(".")];
    return flatten({ [name]: value }, above === "" ? "" : `${above}.`);
  }));
}

/** Everything that any point of a sweep sets. */
export function sweptPaths(points: readonly PlannedPoint[]): string[] {
  return [...new Set(points.flatMap(({ set }) => Object.keys(set)))];
}
