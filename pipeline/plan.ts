import { UserError } from "../base/errors.ts";
import { type ConfigRequest, readConfigFile } from "./config.ts";
import { listWords, nearest } from "./suggest.ts";
import type { Plan, PlannedStage } from "./types.ts";

/**
 * Reads a config and fills in every default. Loads no stage's work and writes nothing.
 * @throws {ConfigProblems} with everything that is wrong with it.
 */
export async function readPlan(request: ConfigRequest): Promise<Plan> {
  return (await readConfigFile(request)).plan;
}

/**
 * The stage of a plan that a word of the command line names.
 * @param option What the word was given for: `--until`.
 * @throws {UserError} if there is none.
 */
export function stageNamed(plan: Plan, name: string, option: string): PlannedStage {
  const stage = plan.stages.find((other) => other.name === name);
  if (stage !== undefined) return stage;
  const names = plan.stages.map((other) => other.name);
  const near = nearest(name, names);
  const advice = near ? `did you mean "${near}"?` : `its stages are ${listWords(names, "and")}`;
  throw new UserError(`Cannot find stage ${JSON.stringify(name)} for ${option}: ${advice}`);
}
