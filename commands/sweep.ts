import { join } from "node:path";
import { realDisk, replaceFile } from "../pipeline/disk.ts";
import type { RunResult } from "../pipeline/runner.ts";
import { runSchema } from "../pipeline/schemas.ts";
import { markRunning } from "../pipeline/running.ts";
import { workOf } from "../pipeline/shared_work.ts";
import type { PlannedPoint } from "../pipeline/sweep_plans.ts";
import type { Plan } from "../pipeline/types.ts";
import { SWEEP_FILE } from "./folders.ts";
import {
  type Fitted,
  formatLoss,
  formatShare,
  readFitted,
  readJson,
  validationOf,
} from "./results.ts";
import { sweepRecord } from "./sweep_file.ts";
import { formatLosses, formatShares, type Group } from "./sweep_groups.ts";
import { type PointResult, rankPoints, statusOf } from "./sweep_points.ts";
import { formatPreview, type PreviewedPoint } from "./sweep_preview.ts";
import { sweptPaths, sweptValues } from "./sweep_values.ts";
import { formatTable } from "./table.ts";

/** How a sweep is run. */
export interface SweepOptions {
  /** Runs one point, shows it, and says how it ended. */
  readonly run: (
    point: PlannedPoint,
    force: true | readonly string[] | undefined,
  ) => Promise<RunResult>;
  /** Names of the points to run; of the others `sweep.json` says what their folders show. */
  readonly only?: readonly string[];
  /** Stages (all, where true) that run even where they are in place: each once for equal points. */
  readonly force?: true | readonly string[];
  readonly signal: AbortSignal;
  /** Writes nothing; what points would do is told when all are known, and no point by itself. */
  readonly dryRun: boolean;
  /** Writes the page of the whole sweep from what there is, and says where it is. */
  readonly report?: (results: readonly PointResult[]) => Promise<string | undefined>;
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
  const asked = points.filter((point) => only?.includes(point.name) ?? true);
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
  const previewed: PreviewedPoint[] = [];
  let exit = 0;
  write();
  for (const [index, point] of asked.entries()) {
    if (signal.aborted) break;
    if (!dryRun) print?.(`== ${point.name} (${index + 1} of ${asked.length})`);
    const force = stillToForce(point.plan, options.force, forced);
    const { exit: code, stages, folder } = await options.run(point, force);
    previewed.push({ point, stages });
    const fitted = dryRun ? {} : await readFitted(folder, stages);
    const place = points.indexOf(point);
    results[place] = { ...results[place], status: statusOf(stages), ...measured(fitted) };
    write();
    exit = Math.max(exit, code);
  }
  if (signal.aborted) exit = 130;
  if (dryRun) {
    print?.(formatPreview(previewed));
    return exit;
  }
  const paths = sweptPaths(points);
  // Whoever presses Ctrl-C does not wait for figures.
  const page = signal.aborted ? undefined : await options.report?.(
    results.map((each, i) => ({ ...each, values: sweptValues(points[i].plan, paths) })),
  );
  print?.(formatSweep(name, results, page));
  return exit;
}

/** What a point's record says of its epochs. */
function measured(fitted: Fitted): Pick<PointResult, "epochs" | "validation"> {
  return { epochs: fitted.history?.epochs, validation: validationOf(fitted) };
}

/** A point as the last run of it, with these parameters, has left it. */
async function standing({ name, set, plan }: PlannedPoint, folder: string): Promise<PointResult> {
  const run = await readJson(join(folder, "run.json"), runSchema);
  const parameters = Object.fromEntries(plan.stages.map(({ name, params }) => [name, params]));
  const same = run?.seed === plan.seed &&
    JSON.stringify(run.parameters) === JSON.stringify(parameters);
  if (!same) return { name, parameters: set, status: "not reached" };
  const fitted = await readFitted(folder, run.stages);
  return { name, parameters: set, status: statusOf(run.stages), ...measured(fitted) };
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
    const shared = workOf(plan, name);
    return !done.has(shared) && done.add(shared);
  });
}

/** So many rows fit on a screen; `sweep.json` and the page have all. */
const MOST_ROWS = 50;

/**
 * The points as a table, the best one first; where seeds are repeated, their means as another; and
 * which is the best.
 * @param page Path of the sweep's page, where one was written.
 */
export function formatSweep(name: string, points: readonly PointResult[], page?: string): string {
  const rows = rankPoints(points).map(({ name, status, validation }) => [
    name,
    status,
    formatShare(validation?.accuracy),
    formatLoss(validation?.loss),
  ]);
  const { best, groups = [] } = sweepRecord(points);
  const headings = ["point", "status", "validation accuracy", "validation loss"];
  const more = rows.length - MOST_ROWS;
  return [
    formatTable(headings, rows.slice(0, MOST_ROWS), { right: [2, 3] }),
    ...(more > 0 ? [`  and ${more} more in outputs/${name}/sweep.json`] : []),
    ...(groups.length > 0 ? ["", formatGroups(groups)] : []),
    "",
    best === null
      ? "No point has a validation accuracy to be ranked by."
      : `Best by validation accuracy: outputs/${name}/${best}/`,
    ...(groups[0]?.validation_accuracy
      ? [
        `Best by its mean over seeds: ${groups[0].name}, ${
          formatShares(groups[0].validation_accuracy)
        }`,
      ]
      : []),
    ...(page === undefined ? [] : [`All points together: ${page}`]),
  ].join("\n");
}

function formatGroups(groups: readonly Group[]): string {
  const rows = groups.slice(0, MOST_ROWS).map((group) => [
    group.name,
    group.seeds.length === group.points.length
      ? String(group.seeds.length)
      : `${group.seeds.length} of ${group.points.length}`,
    formatShares(group.validation_accuracy),
    formatLosses(group.validation_loss),
  ]);
  const headings = [
    "mean ± deviation over seeds",
    "seeds",
    "validation accuracy",
    "validation loss",
  ];
  return formatTable(headings, rows, { right: [1, 2, 3] });
}
