import { isAbsolute, resolve } from "node:path";
import { UserError } from "../base/errors.ts";
import type { PlanView } from "../stages/stage.ts";
import { allOf } from "./roles.ts";
import type { Plan, PlannedStage } from "./types.ts";

/** What a stage of a finished plan may look at. A problem is thrown at once: the plan was checked. */
export function viewOf(plan: Plan, stage: PlannedStage): PlanView {
  return {
    project: plan.project,
    seed: plan.seed,
    related(kind) {
      const names = new Set([...ancestors(plan, stage.name), ...descendants(plan, stage.name)]);
      return plan.stages
        .filter(({ name, definition }) => names.has(name) && definition.kind === kind)
        .map(({ name, params }) => ({ name, params }));
    },
    resolve: (path) => (isAbsolute(path) ? path : resolve(plan.project, path)),
    problem(parameter, message) {
      const place = [stage.name, parameter].filter(Boolean).join(".");
      throw new UserError(`Cannot use "${place}": ${message}`);
    },
  };
}

/** Names of the stages that a stage needs, directly or not. */
export function ancestors(plan: Plan, name: string): Set<string> {
  const found = new Set<string>();
  const needs = new Map(plan.stages.map((stage) => [stage.name, allOf(stage.needs)]));
  const visit = (from: string) => {
    for (const need of needs.get(from) ?? []) {
      if (!found.has(need)) visit((found.add(need), need));
    }
  };
  visit(name);
  return found;
}

/** Names of the stages that need a stage, directly or not. */
function descendants(plan: Plan, name: string): Set<string> {
  const found = new Set([name]);
  for (const stage of plan.stages) { // in order: every stage comes after those that it needs
    if (allOf(stage.needs).some((need) => found.has(need))) found.add(stage.name);
  }
  found.delete(name);
  return found;
}
