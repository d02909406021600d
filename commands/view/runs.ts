import { join } from "node:path";
import { isRunning } from "../../pipeline/running.ts";
import { runSchema } from "../../pipeline/schemas.ts";
import type { Status } from "../../pipeline/types.ts";
import { askedOf } from "../compare/comparison.ts";
import { flatten } from "../report/appendix.ts";
import { readJson } from "../results.ts";
import { listRuns, readRun, type RunStatus, type SweepStatus } from "../run_list.ts";
import type { RunLog } from "../run_log.ts";
import { countStages } from "../status.ts";
import { LogFile } from "./log_file.ts";
import type { RunRow, RunsMessage, SweepRow } from "./messages.ts";
import { fold, type LoggedRun } from "./page/fold.ts";
import { NONE } from "./page/format.ts";
import { type Asked, differingParameters } from "./page/parameters.ts";

/** What was read of a run. */
interface Known {
  /** Stands for all that it was read of. */
  readonly stamp: string;
  /** Whether its files had been left alone for a while: else a change may not show in the stamp. */
  readonly settled: boolean;
  readonly status: RunStatus | undefined;
  readonly asked: Asked | undefined;
}

/** Milliseconds within which two changes of a file may bear the same time. */
const SETTLED = 2000;

/** A log that is read on as it grows. */
interface Followed {
  readonly file: LogFile;
  run: LoggedRun | undefined;
}

/**
 * The table of all runs, for pages that ask for it every few seconds. A run is read again only where
 * its files have changed; of a log that grows only what is new.
 */
export class RunTable {
  readonly #outputs: string;
  #known = new Map<string, Known>();
  readonly #logs = new Map<string, Followed>();
  #reading: Promise<RunsMessage> | undefined;

  constructor(outputs: string) {
    this.#outputs = outputs;
  }

  /** The table as it stands. Pages that ask at once share one reading. */
  async read(): Promise<RunsMessage> {
    this.#reading ??= this.#read().finally(() => this.#reading = undefined);
    return await this.#reading;
  }

  close(): void {
    for (const name of [...this.#logs.keys()]) this.#leave(name);
  }

  async #read(): Promise<RunsMessage> {
    const seen = new Map<string, Known>();
    const all = await listRuns(this.#outputs, async (_outputs, name) => {
      const known = await this.#readRun(name);
      seen.set(name, known);
      return known.status;
    });
    this.#known = seen; // what has vanished is forgotten
    for (const name of [...this.#logs.keys()]) if (!seen.has(name)) this.#leave(name);
    return tableOf(all, (name) => seen.get(name)?.asked);
  }

  async #readRun(name: string): Promise<Known> {
    const folder = join(this.#outputs, name);
    const running = isRunning(this.#outputs, name);
    const now = Date.now();
    const files = ["run.json", "events.jsonl"].map((file) => stampOf(join(folder, file)));
    const stamp = [running, ...files.map(({ text }) => text)].join(" ");
    const settled = files.every(({ changed }) => now - changed > SETTLED);
    const known = this.#known.get(name);
    if (known?.settled && known.stamp === stamp) return known;
    let logged: LoggedRun | undefined;
    const status = await readRun(this.#outputs, name, (path) => {
      logged = this.#follow(name, path);
      return Promise.resolve(logged && logOf(logged));
    });
    if (!running) this.#leave(name);
    const record = await readJson(join(folder, "run.json"), runSchema);
    return {
      stamp,
      settled,
      status,
      asked: status && (askedIn(logged) ?? (record && askedOf(record))),
    };
  }

  #follow(name: string, path: string): LoggedRun | undefined {
    const followed = this.#logs.get(name) ?? { file: new LogFile(path), run: undefined };
    this.#logs.set(name, followed);
    const news = followed.file.read();
    followed.run = news && fold(news.whole ? undefined : followed.run, news.events);
    return followed.run;
  }

  #leave(name: string): void {
    this.#logs.get(name)?.file[Symbol.dispose]();
    this.#logs.delete(name);
  }
}

function stampOf(path: string): { text: string; changed: number } {
  try {
    const { ino, mtime, size } = Deno.statSync(path);
    const changed = mtime?.getTime() ?? 0;
    return { text: `${ino}-${changed}-${size}`, changed };
  } catch {
    return { text: "none", changed: 0 };
  }
}

/** Statuses of a stage that has not ended. */
const OPEN = ["not begun", "waiting", "at work"];

/** The same in the words of {@linkcode readRun}. */
function logOf({ started, stages, end }: LoggedRun): RunLog {
  const current = stages.find(({ status }) => status === "waiting" || status === "at work");
  return {
    started,
    finished: stages
      .filter(({ status }) => !OPEN.includes(status))
      .map(({ name, kind, status }) => ({ name, kind: kind ?? name, status: status as Status })),
    current: current && { name: current.name, kind: current.kind ?? current.name },
    over: end !== null,
  };
}

/** What a run was asked to do, where its log tells it from the start. */
function askedIn(run: LoggedRun | undefined): Asked | undefined {
  if (run === undefined || run.graph === null || run.seed === null) return undefined;
  const stages = run.graph.map(({ name, kind, parameters }) => (
    { name, kind, parameters: flatten(parameters) }
  ));
  return { seed: run.seed, stages };
}

function tableOf(
  all: readonly (RunStatus | SweepStatus)[],
  find: (name: string) => Asked | undefined,
): RunsMessage {
  const runs = all.flatMap((one) => one.kind === "sweep" ? one.points : [one]);
  const known = runs.flatMap(({ name }) => find(name) ?? []);
  const rows = differingParameters(known);
  const columnOf = new Map(
    runs.filter(({ name }) => find(name) !== undefined).map(({ name }, i) => [name, i]),
  );
  const valueIn = (values: readonly string[], name: string) => {
    const value = values[columnOf.get(name) ?? -1] ?? NONE;
    return value === NONE ? null : value;
  };
  return {
    columns: rows.map(({ name }) => name),
    runs: runs.map((run): RunRow => ({
      name: run.name,
      state: run.state,
      started: run.started,
      seconds: run.seconds,
      stages: countStages(run.stages),
      validation: run.validation_accuracy,
      test: run.test_accuracy,
      values: rows.map(({ values }) => valueIn(values, run.name)),
    })),
    sweeps: all.filter((one) => one.kind === "sweep").map((sweep): SweepRow => ({
      name: sweep.name,
      state: sweep.state,
      points: sweep.points.length,
      best: sweep.best,
      validation: sweep.points.find(({ name }) => name === `${sweep.name}/${sweep.best}`)
        ?.validation_accuracy ?? null,
    })),
  };
}
