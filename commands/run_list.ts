import { join } from "node:path";
import { isRunning } from "../pipeline/running.ts";
import { runSchema } from "../pipeline/schemas.ts";
import type { Status } from "../pipeline/types.ts";
import { SWEEP_FILE } from "./folders.ts";
import { readAccuracies, readJson } from "./results.ts";
import { readRunLog, type RunLog } from "./run_log.ts";
import { sweepFile } from "./sweep_file.ts";

/** How far a run or a sweep has come; `stopped`: its process ended without a word. */
export type State = "running" | "done" | "failed" | "interrupted" | "stopped" | "not begun";

/** A run, as it stands in its folder. */
export interface RunStatus {
  readonly kind: "run";
  /** Folder in `outputs/`; `SWEEP/POINT` for the point of a sweep. */
  readonly name: string;
  readonly state: State;
  /** ISO 8601; null where it has not begun. */
  readonly started: string | null;
  /** Null where it has not ended. */
  readonly seconds: number | null;
  /** Those that are done or at work, in order. */
  readonly stages: readonly StageStatus[];
  /** Of the model that was published, a fraction; null where nothing was trained. */
  readonly validation_accuracy: number | null;
  /** A fraction; null where nothing was evaluated. */
  readonly test_accuracy: number | null;
}

/** A stage of a run; `stopped`: it was at work when the process ended. */
export interface StageStatus {
  readonly name: string;
  readonly kind: string;
  readonly status: Status | "running" | "stopped";
}

/** A sweep with its points as they stand. */
export interface SweepStatus {
  readonly kind: "sweep";
  readonly name: string;
  readonly state: State;
  /** Name of the best point so far; null where none has a validation accuracy. */
  readonly best: string | null;
  /** The best one first. */
  readonly points: readonly RunStatus[];
}

/** Reads one run, as {@linkcode readRun} does; undefined where the folder is not a run's. */
type ReadRun = (outputs: string, name: string) => Promise<RunStatus | undefined>;

/**
 * Every run and every sweep in `outputs/`, by name. Reads only.
 * @param read Reads a run: who lists them often need not read each time what has not changed.
 */
export async function listRuns(
  outputs: string,
  read: ReadRun = readRun,
): Promise<(RunStatus | SweepStatus)[]> {
  const names = foldersIn(outputs).filter((name) => !name.startsWith("."));
  const found = await Promise.all(names.map((name) => readFolder(outputs, name, read)));
  return found.filter((folder) => folder !== undefined);
}

async function readFolder(
  outputs: string,
  name: string,
  read: ReadRun,
): Promise<RunStatus | SweepStatus | undefined> {
  const sweep = await readJson(join(outputs, name, SWEEP_FILE), sweepFile);
  if (sweep === undefined) return await read(outputs, name);
  const points = await Promise.all(
    sweep.points.map(async ({ name: point }) =>
      await read(outputs, `${name}/${point}`) ?? notBegun(`${name}/${point}`)
    ),
  );
  const state = isRunning(outputs, name) ? "running" : together(points.map(({ state }) => state));
  return { kind: "sweep", name, state, best: sweep.best, points };
}

/** From what says most of a sweep to what says least. */
const TELLING: readonly State[] = [
  "running",
  "stopped",
  "interrupted",
  "failed",
  "not begun",
  "done",
];

function together(states: readonly State[]): State {
  return TELLING.find((state) => states.includes(state)) ?? "done";
}

function notBegun(name: string): RunStatus {
  return {
    kind: "run",
    name,
    state: "not begun",
    started: null,
    seconds: null,
    stages: [],
    validation_accuracy: null,
    test_accuracy: null,
  };
}

/**
 * How one run stands.
 * @param readLog Reads its events.
 * @returns undefined where the folder is not a run's.
 */
export async function readRun(
  outputs: string,
  name: string,
  readLog: (path: string) => Promise<RunLog | undefined> = readRunLog,
): Promise<RunStatus | undefined> {
  const folder = join(outputs, name);
  const running = isRunning(outputs, name);
  const log = await readLog(join(folder, "events.jsonl"));
  const record = await readJson(join(folder, "run.json"), runSchema);
  // While a run is at work run.json may still be that of the run before.
  const under = running || log?.over === false ? log : undefined;
  if (under === undefined && record === undefined) return undefined;
  const done = under?.finished ?? record?.stages ?? [];
  const accuracies = await readAccuracies(folder, done);
  return {
    kind: "run",
    name,
    state: running ? "running" : under !== undefined ? "stopped" : stateOf(done),
    started: under?.started ?? record?.started ?? null,
    seconds: under === undefined ? record?.seconds ?? null : null,
    stages: [
      ...done.map(({ name, kind, status }) => ({ name, kind, status })),
      ...atWork(under, running),
    ],
    validation_accuracy: accuracies.validation ?? null,
    test_accuracy: accuracies.test ?? null,
  };
}

function atWork(log: RunLog | undefined, running: boolean): StageStatus[] {
  if (log?.current === undefined) return [];
  return [{ ...log.current, status: running ? "running" : "stopped" }];
}

function stateOf(stages: readonly { readonly status: Status }[]): State {
  if (stages.some(({ status }) => status === "failed")) return "failed";
  return stages.some(({ status }) => status === "interrupted") ? "interrupted" : "done";
}

function foldersIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)]
      .filter(({ isDirectory }) => isDirectory)
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
