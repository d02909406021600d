import { join } from "node:path";
import { UserError } from "../base/errors.ts";
import { exists } from "../base/exists.ts";
import type { SweepFile } from "../pipeline/sweep_plans.ts";

/** Name of the file in a sweep's folder. */
export const SWEEP_FILE = "sweep.json";

const HINT =
  'Give this one another name (--name NAME, or "name:" in the config), or move that folder away.';

/**
 * Checks that what is to be run has folders that do not mix: one name for one config, and no sweep
 * where a single run is or the other way round.
 * @throws {UserError} that names the folder.
 */
export function checkFolders(files: readonly Pick<SweepFile, "plan" | "points">[]): void {
  const taken = new Map<string, string>();
  for (const { plan, points } of files) {
    const folder = join(plan.project, "outputs", plan.name);
    // Upper and lower case are one name on some disks.
    const other = taken.get(folder.toLowerCase());
    if (other !== undefined && other !== plan.config) {
      throw new UserError(
        `Cannot run ${other} and ${plan.config} together: both would write outputs/${plan.name}/`,
        { hint: 'Give each a name of its own: "name:" in the config.' },
      );
    }
    taken.set(folder.toLowerCase(), plan.config);
    if (points !== undefined && exists(join(folder, "run.json"))) {
      throw new UserError(
        `Cannot run a sweep in outputs/${plan.name}/: there is a single run in it`,
        { hint: HINT },
      );
    }
    if (points === undefined && exists(join(folder, SWEEP_FILE))) {
      throw new UserError(
        `Cannot run a single config in outputs/${plan.name}/: there is a sweep in it`,
        { hint: HINT },
      );
    }
  }
}
