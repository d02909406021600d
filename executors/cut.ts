import { workOf } from "../pipeline/shared_work.ts";
import type { SweepFile } from "../pipeline/sweep_plans.ts";
import type { Plan, PlannedStage } from "../pipeline/types.ts";
import { allOf } from "../pipeline/roles.ts";
import type { Task } from "./plan.ts";

/** Workers that share the parts of one thing at most: how many parts there are shows only later. */
const MOST_SHARING = 8;

/** How work is cut. */
export interface CutOptions {
  /** Points that one task runs, one after the other. */
  readonly pack: number;
  /** Tasks that can run at the same time. */
  readonly places: number;
}

/** A point, by its name (null for a config without a sweep), and its plan. */
export interface Piece {
  readonly name: string | null;
  readonly plan: Plan;
}

/** Every point of a config; itself, where it has no sweep. */
export function piecesOf({ plan, points }: Pick<SweepFile, "plan" | "points">): Piece[] {
  return points?.map(({ name, plan }) => ({ name, plan })) ?? [{ name: null, plan }];
}

/**
 * Cuts a config into waves of tasks: what must be there before parts can be made, those parts (the
 * shards of frozen trunks), and the points. What points share is cut once; where nothing is made in
 * parts there are only points. The same config is always cut alike.
 */
export function cut(file: Pick<SweepFile, "plan" | "points">, options: CutOptions): Task[][] {
  const pieces = piecesOf(file);
  const trunks = pieces.flatMap(({ name, plan }) =>
    plan.stages.filter(inParts).map((stage) => ({ name, plan, stage }))
  );
  const above = distinct(
    trunks,
    ({ plan, stage }) => JSON.stringify(allOf(stage.needs).map((need) => workOf(plan, need))),
  ).filter(({ stage }) => allOf(stage.needs).length > 0);
  const shared = distinct(trunks, ({ plan, stage }) => workOf(plan, stage.name));
  const of = Math.min(MOST_SHARING, Math.max(1, Math.floor(options.places / shared.length)));
  const names = pieces.map(({ name }) => name);
  const packs = Array.from(
    { length: Math.ceil(names.length / options.pack) },
    (_, i) => names.slice(i * options.pack, (i + 1) * options.pack),
  );
  return [
    numbered("prepare", above.map((one) => ({ ...task("prepare", [one.name]), ...stageOf(one) }))),
    numbered(
      "parts",
      shared.flatMap((one) =>
        Array.from({ length: of }, (_, slot) => ({
          ...{ ...task("parts", [one.name]), ...stageOf(one) },
          ...{ slot, of },
        }))
      ),
    ),
    numbered("points", packs.map((points) => task("points", points))),
  ].filter((wave) => wave.length > 0);
}

function inParts({ definition: { parts = false }, params }: PlannedStage): boolean {
  return typeof parts === "function" ? parts(params) : parts;
}

const stageOf = ({ stage }: { stage: PlannedStage }) => ({ stage: stage.name });

function task(kind: Task["kind"], points: Task["points"]): Omit<Task, "id"> {
  return { kind, points, stage: null, slot: null, of: null };
}

function numbered(kind: string, tasks: readonly Omit<Task, "id">[]): Task[] {
  const width = String(tasks.length - 1).length;
  return tasks.map((each, i) => ({ id: `${kind}-${String(i).padStart(width, "0")}`, ...each }));
}

/** The first of those that have the same text. */
function distinct<T>(all: readonly T[], textOf: (one: T) => string): T[] {
  const found = new Map<string, T>();
  for (const one of all) if (!found.has(textOf(one))) found.set(textOf(one), one);
  return [...found.values()];
}
