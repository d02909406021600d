import { resolve } from "node:path";
import { UserError } from "../base/errors.ts";
import { type ConfigFile, type ConfigRequest, readConfigFile, readTree } from "./config.ts";
import { loadConfig } from "./config_file.ts";
import { ConfigProblems, type Place, type Problem, ProblemList } from "./problems.ts";
import { applySettings, settingPath } from "./settings.ts";
import { expandSweep, type SweepPoint } from "./sweep.ts";
import { placePoints, type Setting } from "./sweep_check.ts";
import { type MapTree, replaceAt, type Tree, without } from "./tree.ts";
import type { Plan } from "./types.ts";

/** A point of a sweep with its plan, whose name is `SWEEP/POINT`. */
export interface PlannedPoint extends SweepPoint {
  readonly plan: Plan;
}

/** A config, and the points of its sweep where it has one. */
export interface SweepFile extends ConfigFile {
  /** In the order of {@linkcode inSharingOrder}. */
  readonly points?: readonly PlannedPoint[];
}

/**
 * Reads a config and plans every point of its sweep.
 *
 * `--set` and a point may both set a value: the more precise path wins (`train.optimizer` before
 * `train.optimizer.learning_rate`).
 *
 * @throws {ConfigProblems} with everything that is wrong with the config, or, where that is right,
 * with any of the points.
 * @throws {UserError} if `--set` sets the very value that the sweep varies.
 */
export async function readSweepFile(request: ConfigRequest): Promise<SweepFile> {
  const file = await readConfigFile(request);
  if (file.sweep === undefined) return file;
  const problems = new ProblemList();
  const loaded = (await loadConfig(resolve(request.config), problems))!;
  const points = await expandSweep(file.sweep, file.plan.seed);
  const written = loaded.tree.entries.get("sweep")!.value;
  const placed = placePoints(written, file.sweep.method, points);
  const swept = new Set(points.flatMap(({ set }) => Object.keys(set)));
  const settings = splitSettings(request.set, swept, loaded.tree);
  const base = await applySettings(
    without(loaded.tree, ["sweep"]),
    settings.wide,
    problems,
  );
  const planned: PlannedPoint[] = [];
  const told = new Set<string>();
  for (const [index, point] of points.entries()) {
    const own = new ProblemList();
    const tree = await applySettings(applyPoint(base, placed[index]), settings.narrow, own);
    try {
      const { plan } = await readTree({ ...loaded, tree }, request, own);
      planned.push({ ...point, plan: { ...plan, name: `${file.plan.name}/${point.name}` } });
    } catch (error) {
      if (!(error instanceof ConfigProblems)) throw error;
      problems.addAll(whereFound(error.problems, point.name, written.at, told));
    }
  }
  if (problems.size > 0) throw new ConfigProblems(problems.sorted());
  return { ...file, points: inSharingOrder(planned, file.plan) };
}

/**
 * Names the point where the place of a problem does not show it, once for all points that have it.
 * @param told What was said of points before this one.
 */
function whereFound(
  problems: readonly Problem[],
  point: string,
  sweep: Place,
  told: Set<string>,
): Problem[] {
  return problems.flatMap((problem) => {
    const { at, message } = problem;
    if (at?.source === sweep.source && at.start >= sweep.start && at.start < sweep.end) {
      return [problem];
    }
    const what = `${at?.start} ${message}`;
    if (told.has(what)) return [];
    told.add(what);
    return [{ ...problem, message: `${message} (at the point "${point}" of the sweep)` }];
  });
}

function applyPoint(config: MapTree, point: readonly Setting[]): MapTree {
  let tree: Tree = config;
  for (const { path, at, value } of point) {
    tree = replaceAt(tree, settingPath(path, config)!, value, at);
  }
  return tree as MapTree;
}

/** Settings that a point may then change in part, and those that change a part of a point's value. */
function splitSettings(set: readonly string[], swept: ReadonlySet<string>, config: MapTree) {
  const stepsOf = (path: string) => settingPath(path, config)?.join("\0") ?? path;
  const wide: string[] = [];
  const narrow: string[] = [];
  for (const setting of set) {
    const path = setting.slice(0, setting.indexOf("="));
    const steps = stepsOf(path);
    const others = [...swept].map(stepsOf);
    if (others.includes(steps)) {
      throw new UserError(`Cannot use --set ${setting}: the sweep varies "${path}"`, {
        hint: "Set another value, or change the sweep in the config.",
      });
    }
    const within = others.some((other) => steps.startsWith(`${other}\0`));
    (within ? narrow : wide).push(setting);
  }
  return { wide, narrow };
}

/**
 * Points in the order in which the earliest stage whose parameters differ changes least often, so
 * that what points share is at hand when the next one asks for it.
 * @param plan Says which stages come first; the seed comes before all.
 */
export function inSharingOrder<Point extends SweepPoint>(
  points: readonly Point[],
  plan: Plan,
): Point[] {
  const names = plan.stages.map(({ name }) => name);
  const depth = (path: string) => {
    // A name may have dots itself: the longest that fits is meant.
    const fitting = names.filter((name) => path === name || path.startsWith(`${name}.`));
    return names.indexOf(fitting.sort((a, b) => b.length - a.length)[0]);
  };
  const paths = [...new Set(points.flatMap(({ set }) => Object.keys(set)))]
    .sort((a, b) => depth(a) - depth(b));
  // Values count in the order in which the config has them.
  const ranks = new Map<string, number>();
  const texts = points.map(({ set }) =>
    paths.map((path) => `${path}=${JSON.stringify(set[path])}`)
  );
  for (const text of texts.flat()) if (!ranks.has(text)) ranks.set(text, ranks.size);
  return points
    .map((point, index) => ({ point, ranks: texts[index].map((text) => ranks.get(text)!) }))
    .sort((a, b) => {
      const at = a.ranks.findIndex((rank, i) => rank !== b.ranks[i]);
      return at < 0 ? 0 : a.ranks[at] - b.ranks[at];
    })
    .map(({ point }) => point);
}
