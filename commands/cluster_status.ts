import { dirname, join, resolve } from "node:path";
import { configDigest } from "../executors/digest.ts";
import { ClusterFolder } from "../executors/folder.ts";
import type { ClusterPlan } from "../executors/plan.ts";
import type { TaskStanding } from "../executors/standing.ts";
import type { WorkersTime } from "../figures/workers.ts";
import { ConfigProblems } from "../pipeline/problems.ts";
import { readSweepFile, type SweepFile } from "../pipeline/sweep_plans.ts";
import { registry } from "../stages/mod.ts";
import { Lookout, openScheduler } from "./cluster.ts";
import { workersIn } from "./workers_time.ts";

/** A run elsewhere. */
export interface Elsewhere {
  readonly tasks: readonly TaskStanding[];
  /** What its workers have spent their time on so far. */
  readonly workers?: WorkersTime;
}

/**
 * How the tasks of a run elsewhere stand. Of a config that was changed or is gone, nothing is looked
 * up in the store.
 *
 * @param outputs Absolute path of the project's `outputs/`.
 * @throws {UserError} if there is no plan that can be read.
 */
export async function readTasks(outputs: string, name: string): Promise<Elsewhere> {
  const folder = new ClusterFolder(join(outputs, name));
  const plan = folder.readPlan();
  if (plan === undefined) return { tasks: [] };
  const file = await readConfig(plan, dirname(outputs));
  const scheduler = await openScheduler(file?.plan ?? {}, plan.executor);
  const tasks = await new Lookout(file, scheduler, folder).look(plan);
  return { tasks, workers: workersIn(folder) };
}

async function readConfig(plan: ClusterPlan, project: string): Promise<SweepFile | undefined> {
  const config = resolve(project, plan.config);
  try {
    if (await configDigest(config) !== plan.digest) return undefined;
    const name = plan.renamed ? plan.name : undefined;
    return await readSweepFile({ config, set: plan.set, name, registry });
  } catch (error) {
    if (error instanceof ConfigProblems) return undefined;
    throw error;
  }
}
