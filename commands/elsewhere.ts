import { resolve } from "node:path";
import { UserError } from "../base/errors.ts";
import { exists } from "../base/exists.ts";
import type { ClusterFolder } from "../executors/folder.ts";
import type { ClusterPlan, ExecutorName, Submission } from "../executors/plan.ts";
import type { Scheduler } from "../executors/scheduler.ts";
import type { TaskStanding } from "../executors/standing.ts";
import { submit } from "../executors/submit.ts";
import { shortPath } from "../pipeline/config_file.ts";
import { canonicalJson } from "../pipeline/key.ts";
import type { SweepFile } from "../pipeline/sweep_plans.ts";
import type { Plan } from "../pipeline/types.ts";
import type { CommandLine } from "./cli.ts";
import { clusterFolder, clusterPlan, Lookout, openScheduler, workplaceOf } from "./cluster.ts";
import { countStandings, formatFailures } from "./cluster_table.ts";
import { storeForWorkers } from "./store_option.ts";

/** What {@linkcode runElsewhere} works with. */
export interface ElsewhereOptions {
  readonly signal: AbortSignal;
  /** Runs points (all, where absent) here: there is nothing left to do but to show them. */
  readonly collect: (only?: readonly string[]) => Promise<number>;
  /** By default the one that the plan's executor names. */
  readonly scheduler?: Scheduler;
}

/**
 * Has a config run elsewhere: looks how it stands, submits what nobody does, and shows what is there.
 * It keeps nothing but what lies in `.cluster/`, so anyone who sees that folder can call it again.
 *
 * @returns the exit code: 0 all is done, or under way; 1 something failed (and was submitted again).
 */
export async function runElsewhere(
  file: SweepFile,
  executor: ExecutorName,
  line: CommandLine,
  { signal, collect, scheduler: given }: ElsewhereOptions,
): Promise<number> {
  const scheduler = given ?? await openScheduler(file.plan, executor);
  const silent = line.flag("json") || line.flag("quiet");
  const say = (text: string) => silent || console.log(text);
  const folder = clusterFolder(file.plan);
  const wanted = await clusterPlan(file, {
    executor,
    set: line.list("set"),
    renamed: line.text("name") !== undefined,
    engine: line.text("engine") ?? "auto",
    threads: line.number("threads"),
    store: storeForWorkers(file.plan.sharedStore, line),
  });
  const lookout = new Lookout(file, scheduler, folder);
  const dryRun = line.flag("dry-run");
  const missing = missingFolder(file.plan);
  if (missing !== undefined) {
    console.error(
      `warning: There is no folder ${missing} to share artifacts through: workers go without`,
    );
  }
  let all: TaskStanding[];
  {
    using _lock = dryRun ? undefined : await folder.lock(
      (pid) => say(`Waiting for process ${pid ?? "?"}, which submits tasks of the same run`),
      signal,
    );
    const isWanted = ({ standing }: TaskStanding) =>
      standing === "missing" || standing === "failed" ||
      (standing === "unknown" && line.flag("resubmit"));
    const plan = await planToFollow(folder, wanted, scheduler, isWanted);
    all = await lookout.look(plan);
    const { name } = file.plan;
    say(`${name}: ${countStandings(all)}`);
    const failures = formatFailures(all);
    if (failures !== "") console.error(failures);
    if (dryRun) {
      const ids = all.filter(isWanted).map(({ task }) => task.id);
      say(
        ids.length === 0
          ? "A dry run: nothing would be submitted."
          : `A dry run: it would submit ${ids.join(", ")}.`,
      );
      return 0;
    }
    if (lookout.finished.length < (file.points?.length ?? 1) && all.some(isWanted)) {
      if (plan === wanted) folder.writePlan(wanted);
      const place = workplaceOf(folder);
      const submitted = await submit(all, isWanted, { folder, scheduler, place, name });
      say(formatSubmitted(submitted, scheduler));
    }
  }
  const failed = all.some(({ standing }) => standing === "failed") ? 1 : 0;
  const { finished } = lookout;
  if (finished.length === (file.points?.length ?? 1)) {
    folder.removeWork();
    return await collect();
  }
  if (file.points !== undefined) await collect(finished.filter((name) => name !== null));
  if (all.some(({ standing }) => standing === "unknown") && !line.flag("resubmit")) {
    say(
      `${scheduler.title} says nothing of some tasks: they are not submitted again. ` +
        "If you know that they are gone, add --resubmit.",
    );
  }
  say("The same command says how it stands, and shows all once it is done.");
  return failed;
}

/** A shared folder that is not there, or not mounted: each worker would say so in its log alone. */
function missingFolder({ sharedStore, project }: Plan): string | undefined {
  if (sharedStore === undefined || !("path" in sharedStore)) return undefined;
  const path = resolve(project, sharedStore.path);
  return exists(path) ? undefined : path;
}

/**
 * The plan that was submitted, if it still is what is wanted; else what is wanted, once nobody is at
 * work on the other.
 */
async function planToFollow(
  folder: ClusterFolder,
  wanted: ClusterPlan,
  scheduler: Scheduler,
  isWanted: (one: TaskStanding) => boolean,
): Promise<ClusterPlan> {
  const old = folder.readPlan();
  if (old === undefined) return wanted;
  if (canonicalJson(old) === canonicalJson(wanted)) return old;
  // What is in the store is that of the config as it is now.
  const all = await new Lookout(undefined, scheduler, folder).look(old);
  const alive = all.filter((one) =>
    ["waiting", "running", "unknown"].includes(one.standing) && !isWanted(one)
  );
  if (alive.length === 0) return wanted;
  // Cut otherwise, but the same work: those who are at it go on.
  if (canonicalJson({ ...old, waves: [] }) === canonicalJson({ ...wanted, waves: [] })) return old;
  const stop = new Set(alive.map(({ submission }) => scheduler.cancel(submission!)));
  const silent = alive.some(({ standing }) => standing === "unknown")
    ? ` ${scheduler.title} says nothing of some: if you know that they are gone, add --resubmit.`
    : "";
  throw new UserError(
    `Cannot submit ${wanted.name}: it was changed, and ${alive.length} of its tasks are still ` +
      `under way as it was (${shortPath(folder.planFile)})`,
    {
      hint: `Wait for them, stop them (${
        [...stop].join("; ")
      }), or give it another --name.${silent}`,
    },
  );
}

function formatSubmitted(submitted: readonly Submission[], scheduler: Scheduler): string {
  const tasks = submitted.reduce((sum, { tasks }) => sum + tasks.length, 0);
  const jobs = submitted.map(({ job }) => job).join(", ");
  const what = tasks === 1 ? "1 task" : `${tasks} tasks`;
  return `Submitted ${what} to ${scheduler.title}: ${jobs}`;
}
