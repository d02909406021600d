import { isAbsolute, join, relative } from "node:path";
import { lazily } from "../base/lazy.ts";
import { UserError } from "../base/errors.ts";
import { cut, type Piece, piecesOf } from "../executors/cut.ts";
import { configDigest } from "../executors/digest.ts";
import { ClusterFolder } from "../executors/folder.ts";
import type { ClusterPlan, ExecutorName, Task } from "../executors/plan.ts";
import type { Scheduler, Workplace } from "../executors/scheduler.ts";
import { standings, type TaskStanding } from "../executors/standing.ts";
import { executorSchema } from "../pipeline/elsewhere_schema.ts";
import { allOf } from "../pipeline/roles.ts";
import { previewPlan } from "../pipeline/runner.ts";
import type { SweepFile } from "../pipeline/sweep_plans.ts";
import type { Plan } from "../pipeline/types.ts";
import { PROGRAM, RENDERER } from "./code.ts";

/** What a module of executors/ exports. */
interface SchedulerModule {
  openScheduler(options: unknown): Scheduler;
}

const SCHEDULERS: Readonly<Record<ExecutorName, () => Promise<SchedulerModule>>> = {
  slurm: lazily<SchedulerModule>("../executors/slurm.ts", import.meta.url),
  parallel: lazily<SchedulerModule>("../executors/parallel.ts", import.meta.url),
};

/** What the config says of an executor, or the defaults. */
function optionsOf({ executor }: Pick<Plan, "executor">, name: ExecutorName) {
  const options = { ...executorSchema.parse({ slurm: {}, parallel: {} }), ...executor };
  const { slurm, parallel } = options as Required<typeof options>;
  const places = name === "slurm"
    ? slurm.array_limit
    : Math.max(1, parallel.hosts.length) * parallel.jobs;
  const threads = name === "slurm" ? slurm.cpus_per_task : parallel.threads ?? null;
  return { own: options[name], pack: options[name]!.pack, places, threads };
}

/** What starts workers. */
export async function openScheduler(
  plan: Pick<Plan, "executor">,
  name: ExecutorName,
): Promise<Scheduler> {
  return (await SCHEDULERS[name]()).openScheduler(optionsOf(plan, name).own);
}

/** What starts a worker: the task `work`, with the permissions that it has in deno.json. */
export function workplaceOf(folder: ClusterFolder): Workplace {
  const { tasks } = JSON.parse(Deno.readTextFileSync(join(PROGRAM.codeRoot, "deno.json")));
  const [, ...words] = (tasks.work.command as string).split(" ");
  return folder.place(PROGRAM.codeRoot, [Deno.execPath(), ...words]);
}

/** What a run elsewhere was asked for, beside its config. */
export interface Asked {
  readonly executor: ExecutorName;
  readonly set: readonly string[];
  readonly renamed: boolean;
  readonly engine: string;
  /** `--threads`. */
  readonly threads: number | undefined;
  readonly store: ClusterPlan["store"];
}

/** The plan that every worker is to read. */
export async function clusterPlan(file: SweepFile, asked: Asked): Promise<ClusterPlan> {
  const { plan } = file;
  const { pack, places, threads } = optionsOf(plan, asked.executor);
  const config = relative(plan.project, plan.config);
  return {
    format: 1,
    name: plan.name,
    renamed: asked.renamed,
    config: config.startsWith("..") || isAbsolute(config) ? plan.config : config,
    digest: await configDigest(plan.config),
    set: [...asked.set],
    engine: asked.engine,
    threads: asked.threads ?? threads,
    store: asked.store,
    executor: asked.executor,
    waves: cut(file, { pack, places }),
  };
}

/** Where a run's cluster files are. */
export function clusterFolder({ project, name }: Pick<Plan, "project" | "name">): ClusterFolder {
  return new ClusterFolder(join(project, "outputs", name));
}

/** Looks at a run elsewhere. */
export class Lookout {
  readonly #pieces: readonly Piece[];
  readonly #scheduler: Scheduler;
  readonly #folder: ClusterFolder;
  /** By point: names of the stages that are in place, with their figures. */
  #inPlace = new Map<string | null, ReadonlySet<string>>();

  /** @param file Without it nothing is known of the store. */
  constructor(file: SweepFile | undefined, scheduler: Scheduler, folder: ClusterFolder) {
    this.#pieces = file === undefined ? [] : piecesOf(file);
    this.#scheduler = scheduler;
    this.#folder = folder;
  }

  /** How every task of a plan stands now. */
  async look(plan: ClusterPlan): Promise<TaskStanding[]> {
    const place = workplaceOf(this.#folder);
    const submissions = this.#folder.submissions();
    // A worker publishes, then records its end, then the scheduler hears of it. Asked the other way
    // round, what ends meanwhile is never taken for lost.
    const states = await this.#scheduler.states(place, submissions);
    const records = this.#folder.records();
    this.#inPlace = new Map();
    for (const { name, plan } of this.#pieces) {
      this.#inPlace.set(name, await stagesInPlace(plan));
    }
    const inStore = (task: Task) => this.#inStore(task);
    return standings({ plan, submissions, states, records, inStore }, this.#scheduler, place);
  }

  /** The points that are whole in the store, as of the last look. */
  get finished(): (string | null)[] {
    return this.#pieces
      .filter(({ name, plan }) =>
        plan.stages.every((stage) => this.#inPlace.get(name)!.has(stage.name))
      )
      .map(({ name }) => name);
  }

  #inStore(task: Task): boolean | undefined {
    // Of a config that was changed.
    if (!task.points.every((name) => this.#inPlace.has(name))) return undefined;
    if (task.kind === "points") return task.points.every((name) => this.finished.includes(name));
    const [name] = task.points;
    const { plan } = this.#pieces.find((piece) => piece.name === name)!;
    const stage = plan.stages.find(({ name }) => name === task.stage);
    const there = this.#inPlace.get(name)!;
    if (stage === undefined) return undefined;
    // Of parts it shows only whether they were put together.
    if (task.kind === "parts") return there.has(stage.name) || undefined;
    return allOf(stage.needs).every((need) => there.has(need));
  }
}

async function stagesInPlace(plan: Plan): Promise<ReadonlySet<string>> {
  const outcomes = await previewPlan({ ...plan, sharedStore: undefined }, {
    signal: new AbortController().signal,
    engine: () => Promise.reject(new UserError("Cannot open an engine for a preview")),
    made: {},
    renderer: RENDERER,
    program: PROGRAM,
  });
  const whole = outcomes.filter(({ status }) => status === "fresh" || status === "restored");
  return new Set(whole.map(({ name }) => name));
}
