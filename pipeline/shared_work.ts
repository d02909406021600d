import type { Plan } from "./types.ts";
import { ancestors } from "./view.ts";

/** The same text for two points of a sweep at which a stage does the same. */
export function workOf(plan: Plan, name: string): string {
  const names = [name, ...ancestors(plan, name)];
  const stages = plan.stages.filter((stage) => names.includes(stage.name));
  return JSON.stringify([
    name,
    stages.some(({ usesSeed }) => usesSeed) ? plan.seed : null,
    stages.map(({ params }) => params),
  ]);
}
