import { join } from "node:path";
import { realDisk, replaceFile } from "../pipeline/disk.ts";
import type { RunResult } from "../pipeline/runner.ts";
import { runSchema } from "../pipeline/schemas.ts";
import { markRunning } from "../pipeline/running.ts";
import type { PlannedPoint } from "../pipeline/sweep_plans.ts";
import type { Plan } from "../pipeline/types.ts";
import { ancestors } from "../pipeline/view.ts";
import { SWEEP_FILE } from "./folders.ts";
import { formatShare, readJson, readValidation } from "./results.ts";
import { type PointResult, rankPoints, statusOf, sweepRecord } from "./sweep_file.ts";
import { formatTable } from "./table.ts";

/** How a sweep is run. */
export interface SweepOptions {
  /** Runs one point, shows it, and says how it ended. */
  readonly run: (
    point: PlannedPoint,
    force: true | readonly string[] | undefined,
  ) => Promise<RunResult>;
  /** Name of the one point to run; of the others `sweep.json` says what their folders show. */
  readonly only?: string;
  /** Stages (all, where true) that run even where they are in place: each once for equal points. */
  readonly force?: true | readonly string[];
  readonly signal: AbortSignal;
  /** Writes nothing. */
  readonly dryRun: boolean;
  /** Takes what people read between the points and at the end; absent where they want none. */
  readonly print?: (text: string) => void;
}

/**
 * Runs the points of a sweep one after the other. A point that fails does not stop the others.
 * `sweep.json` is written anew after each.
 *
 * @param name The sweep's folder in `outputs/`.
 * @returns the exit code: 0 all done, 1 a point failed, 130 interrupted.
 */
export async function runSweep(
  name: string,
  points: readonly PlannedPoint[],
  options: SweepOptions,
): Promise<number> {
  const { signal, dryRun, print, only } = options;
  const outputs = join(points[0].plan.project, "outputs");
  using _running = dryRun ? undefined : markRunning(outputs, name);
  const asked = points.filter((point) => only === undefined || point.name === only);
  const results: PointResult[] = await Promise.all(
    points.map((point) =>
      asked.includes(point)
        ? { name: point.name, parameters: point.set, status: "not reached" as const }
        : standing(point, join(outputs, name, point.name))
    ),
  );
  const write = () => {
    if (dryRun) return;
    const text = JSON.stringify(sweepRecord(results), null, 2) + "\n";
    replaceFile(realDisk, join(outputs, name, SWEEP_FILE), text);
  };
  const forced = new Set<string>();
  let exit = 0;
  write();
  for (const [index, point] of asked.entries()) {
    if (signal.aborted) break;
    print?.(`== ${point.name} (${index + 1} of ${asked.length})`);
    const force = stillToForce(point.plan, options.force, forced);
    const { exit: code, stages, folder } = await options.run(point, force);
    const validation = dryRun ? undefined : await readValidation(folder, stages);
    const place = points.indexOf(point);
    results[place] = { ...results[place], status: statusOf(stages), validation };
    write();
    exit = Math.max(exit, code);
  }
  if (signal.aborted) exit = 130;
  if (!dryRun) print?.(formatSweep(name, results));
  return exit;
}

/** A point as the last run of it, with these parameters, has left it. */
async function standing({ name, set, plan }: PlannedPoint, folder: string): Promise<PointResult> {
  const run = await readJson(join(folder, "run.json"), runSchema);
  const parameters = Object.fromEntries(plan.stages.map(({ name, params }) => [name, params]));
  const same = run?.seed === plan.seed &&
    JSON.stringify(run.parameters) === JSON.stringify(parameters);
  if (!same) return { name, parameters: set, status: "not reached" };
  const validation = await readValidation(folder, run.stages);
  return { name, parameters: set, status: statusOf(run.stages), validation };
}

/**
 * Which stages a point has to force: not those that it shares with a point before it.
 * @param done What was forced already; what this point will force is added.
 */
function stillToForce(
  plan: Plan,
  force: true | readonly string[] | undefined,
  done: Set<string>,
): readonly string[] | undefined {
  if (force === undefined) return undefined;
  return plan.stages.map(({ name }) => name).filter((name) => {
    if (force !== true && !force.includes(name)) return false;
    const names = [name, ...ancestors(plan, name)];
    const stages = plan.stages.filter((stage) => names.includes(stage.name));
    const shared = JSON.stringify([
      name,
      stages.some(({ usesSeed }) => usesSeed) ? plan.seed : null,
      stages.map(({ params }) => params),
    ]);
    return !done.has(shared) && done.add(shared);
  });
}

/** The points as a table, the best one first, and which that is. */
export function formatSweep(name: string, points: readonly PointResult[]): string {
  const rows = rankPoints(points).map(({ name, status, validation }) => [
    name,
    status,
    formatShare(validation?.accuracy),
    validation === undefined ? "–" : validation.loss.toFixed(4),
  ]);
  const { best } = sweepRecord(points);
  const table = formatTable(["point", "status", "validation accuracy", "validation loss"], rows, {
    right: [2, 3],
  });
  const closing = best === null
    ? "No point has a validation accuracy to be ranked by."
    : `Best by validation accuracy: outputs/${name}/${best}/`;
  return `${table}\n\n${closing}`;
}
