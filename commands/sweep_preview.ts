import type { StageResult } from "../pipeline/outcome.ts";
import type { PlannedPoint } from "../pipeline/sweep_plans.ts";
import { workOf } from "../pipeline/shared_work.ts";
import { formatTable } from "./table.ts";

/** What a run would do with a point. */
export interface PreviewedPoint {
  readonly point: PlannedPoint;
  readonly stages: readonly StageResult[];
}

/** So many names of points that would do the same are shown. */
const MOST_NAMES = 6;

/**
 * What a run would do with the points of a sweep: those of which the same is to be said together,
 * then how much work all of them are, what they share counted once.
 */
export function formatPreview(points: readonly PreviewedPoint[]): string {
  const groups = new Map<string, PreviewedPoint[]>();
  for (const each of points) {
    const same = JSON.stringify(rowsOf(each));
    groups.set(same, [...groups.get(same) ?? [], each]);
  }
  const parts = [...groups.values()].map((group) =>
    `== ${namesOf(group)}\n${formatTable(["stage", "status", "why"], rowsOf(group[0]))}`
  );
  return [...parts, totalOf(points)].join("\n\n");
}

function rowsOf({ stages }: PreviewedPoint): string[][] {
  return stages.map(({ name, status, reason, error }) => [
    name,
    status,
    status === "fresh" ? "" : error?.split("\n")[0] ?? reason,
  ]);
}

function namesOf(group: readonly PreviewedPoint[]): string {
  const names = group.slice(0, MOST_NAMES).map(({ point }) => point.name).join(", ");
  if (group.length === 1) return names;
  const more = group.length - MOST_NAMES;
  return `${names}${more > 0 ? ` and ${more} more` : ""} (${group.length} points)`;
}

function totalOf(points: readonly PreviewedPoint[]): string {
  const work = new Map<string, { certain: Set<string>; possible: Set<string> }>();
  for (const { point: { plan }, stages } of points) {
    for (const { name, status } of stages) {
      if (status !== "would run" && status !== "may run") continue;
      const { certain, possible } = work.get(name) ??
        { certain: new Set<string>(), possible: new Set<string>() };
      (status === "would run" ? certain : possible).add(workOf(plan, name));
      work.set(name, { certain, possible });
    }
  }
  const all = `A dry run of ${points.length} ${points.length === 1 ? "point" : "points"}`;
  if (work.size === 0) return `${all}: all is in place, nothing would run.`;
  const said = [...work].map(([name, { certain, possible }]) => {
    const most = certain.union(possible).size;
    const times = most === 1 ? "once" : `${most} times`;
    return certain.size === most ? `${name} ${times}` : `${name} at most ${times}`;
  });
  return `${all}: nothing was done. What points share counted once, it would run ${
    said.join(", ")
  }.`;
}
