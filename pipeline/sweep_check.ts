import type { DeclaredStage } from "./declare.ts";
import { RESERVED } from "./declare.ts";
import { configSchema } from "./config_schema.ts";
import { withoutNulls } from "./nulls.ts";
import type { Place, ProblemList } from "./problems.ts";
import { explainIssues } from "./sentences.ts";
import { settingPath, unknownPath } from "./settings.ts";
import { countPoints, MOST_POINTS, type Sweep, type SweepPoint } from "./sweep.ts";
import { find, type MapTree, replaceAt, type Tree, valueOf, without } from "./tree.ts";

/**
 * Checks every path and value of a sweep against the stages, each value of a grid on its own and
 * each point of a list as a whole. Mistakes go into `problems`.
 * @param sweep As its own schema parsed it; undefined where there is none or it is wrong.
 */
export function checkSweep(
  config: MapTree,
  stages: readonly DeclaredStage[],
  sweep: Sweep | undefined,
  problems: ProblemList,
): Sweep | undefined {
  const written = config.entries.get("sweep");
  if (sweep === undefined || written === undefined) return sweep;
  if (countPoints(sweep) > MOST_POINTS) {
    const message = `Cannot sweep ${
      countPoints(sweep)
    } points: there may be ${MOST_POINTS} at most`;
    problems.add(written.key, message);
    return sweep;
  }
  for (const point of pointsOf(written.value, sweep.method)) {
    let changed: Tree = config;
    const touched = new Set<string>();
    for (const { path, at, value } of point) {
      const steps = settingPath(path, config);
      if (steps === undefined || steps[0] === "name") {
        const only = `Cannot sweep over "name": every point has its own`;
        problems.add(at, steps ? only : unknownPath(path, config), !steps);
        continue;
      }
      changed = replaceAt(changed, steps, value, at);
      touched.add(steps[0] === "seed" ? "seed" : steps[1]);
    }
    for (const name of touched) checkPoint(name, changed as MapTree, stages, problems);
  }
  return sweep;
}

/** A value of a sweep, and where it is written. */
export interface Setting {
  /** As `--set` takes it. */
  readonly path: string;
  /** Place of the path. */
  readonly at: Place;
  readonly value: Tree;
}

/**
 * Where the values of a sweep's points are written.
 * @param sweep What stands under `sweep:`, as {@linkcode checkSweep} found it right.
 * @param points As `expandSweep` made them of it.
 */
export function placePoints(
  sweep: Tree,
  method: Sweep["method"],
  points: readonly SweepPoint[],
): Setting[][] {
  const written = pointsOf(sweep, method);
  if (method === "list") return written;
  const places = new Map(
    written.flat().map((setting) => [nameOf(setting.path, valueOf(setting.value)), setting]),
  );
  return points.map(({ set }) =>
    Object.entries(set).map(([path, value]) => places.get(nameOf(path, value))!)
  );
}

function nameOf(path: string, value: unknown): string {
  return `${path}=${JSON.stringify(value)}`;
}

/** What is to be checked together: one value of a grid, or one point of a list. */
function pointsOf(sweep: Tree, method: Sweep["method"]): Setting[][] {
  if (method === "list") {
    const points = find(sweep, ["points"])?.value;
    return points?.type === "list" ? points.items.map(settingsOf) : [];
  }
  const parameters = find(sweep, ["parameters"])?.value;
  return parameters === undefined
    ? []
    : settingsOf(parameters).flatMap(({ path, at, value }) =>
      value.type === "list" ? value.items.map((item) => [{ path, at, value: item }]) : []
    );
}

function settingsOf(tree: Tree): Setting[] {
  if (tree.type !== "map") return [];
  return [...tree.entries].map(([path, { key, value }]) => ({ path, at: key, value }));
}

function checkPoint(
  name: string,
  config: MapTree,
  stages: readonly DeclaredStage[],
  problems: ProblemList,
): void {
  if (name === "seed") {
    const seed = find(config, ["seed"])!;
    const { shape } = configSchema;
    const parsed = shape.seed.safeParse(valueOf(seed.value));
    if (parsed.success) return;
    const tree = { ...config, entries: new Map([["seed", config.entries.get("seed")!]]) };
    const issues = parsed.error.issues.map((issue) => ({ ...issue, path: ["seed"] }));
    const owner = seed.key ?? seed.value.at;
    problems.addAll(explainIssues(issues, { schema: configSchema, tree, name: "", owner }));
    return;
  }
  const stage = stages.find((other) => other.name === name);
  const found = find(config, ["stages", name]);
  if (stage?.definition === undefined || found?.value.type !== "map") return;
  const schema = stage.definition.params;
  const tree = withoutNulls(schema, without(found.value, RESERVED));
  const parsed = schema.safeParse(valueOf(tree));
  if (parsed.success) return;
  const checked = { schema, tree, name, owner: stage.at, alsoKeys: RESERVED };
  problems.addAll(explainIssues(parsed.error.issues, checked));
}
