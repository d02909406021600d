import { join } from "node:path";
import { UserError } from "../base/errors.ts";
import type { Submission } from "./plan.ts";
import {
  type Request,
  type Scheduler,
  type TaskState,
  Unanswered,
  type Workplace,
} from "./scheduler.ts";
import { environmentOf, sbatchArguments, type SlurmOptions } from "./slurm/arguments.ts";
import { ask } from "./slurm/ask.ts";
import { jobScript } from "./slurm/script.ts";
import {
  parseSacct,
  parseSqueue,
  SACCT_FORMAT,
  type Seen,
  SQUEUE_FORMAT,
  stateOf,
} from "./slurm/states.ts";

/** Seconds that an answer may take. */
export interface Patience {
  readonly question: number;
  /** A busy controller lets submissions wait. */
  readonly submission: number;
}

const PATIENCE: Patience = { question: 20, submission: 100 };

/** Slurm's default of MaxArraySize, for where it does not say its own. */
const USUAL_LARGEST = 1001;

/** Slurm: an array of jobs for each submission. */
export function openScheduler(options: SlurmOptions, patience: Patience = PATIENCE): Scheduler {
  return {
    title: "Slurm",
    largest: () => largest(patience.question),
    submit: (place, request) => submit(options, place, request, patience.submission),
    states: (_place, submissions) => states(submissions, patience.question),
    jobOf: (submission, task) => `${submission.job ?? "?"}_${submission.tasks.indexOf(task)}`,
    logOf: (place, submission, task) =>
      join(place.logs, `${submission.job ?? "?"}_${submission.tasks.indexOf(task)}.log`),
    cancel: ({ job, name }) => job === null ? `scancel --name=${name}` : `scancel ${job}`,
  };
}

/** An index of an array is less than MaxArraySize. */
async function largest(seconds: number): Promise<number> {
  const { code, stdout } = await ask("scontrol", ["show", "config"], seconds);
  const found = code === 0 ? /^MaxArraySize\s*=\s*(\d+)/m.exec(stdout) : null;
  return found === null ? USUAL_LARGEST : Math.max(1, Number(found[1]));
}

async function submit(
  options: SlurmOptions,
  place: Workplace,
  request: Request,
  seconds: number,
): Promise<string> {
  const script = join(place.folder, "scripts", `${request.name}.sh`);
  await Deno.mkdir(join(place.folder, "scripts"), { recursive: true });
  await Deno.mkdir(place.logs, { recursive: true });
  await Deno.writeTextFile(
    script,
    jobScript({
      name: request.name,
      tasks: request.tasks.map(({ id }) => id),
      command: [...place.command, place.plan],
      cwd: place.cwd,
      path: Deno.env.get("PATH") ?? "",
      setup: options.setup,
      maxRestarts: options.max_restarts,
      restart: request.restart,
    }),
  );
  const array = {
    name: request.name,
    tasks: request.tasks.length,
    after: request.after,
    cwd: place.cwd,
    logs: place.logs,
    script,
  };
  const args = sbatchArguments(array, options);
  const { code, stdout, complaint } = await ask(
    "sbatch",
    args,
    seconds,
    environmentOf(Deno.env.toObject()),
  );
  // `123`, and `123;cluster` where there are several.
  const job = /^(\d+)(;.*)?$/m.exec(stdout)?.[1];
  if (code === 0 && job !== undefined) return job;
  // A controller that is busy may have taken it, and answered too late.
  if (/did not answer|timed out|zero bytes/i.test(complaint)) {
    throw new Unanswered(`Cannot submit to Slurm: ${complaint}`, {
      hint: "It may have taken the tasks all the same: run the same again, which asks for them",
    });
  }
  if (code === null) {
    throw new UserError(`Cannot submit to Slurm: ${complaint}`, {
      hint: "Log in where jobs are submitted, or load Slurm's module",
    });
  }
  throw new UserError(
    `Slurm refused ${count(request.tasks.length)}: ${complaint || `sbatch ended with ${code}`}`,
    {
      hint: "If what was asked for is wrong, change executor.slurm in the config " +
        "(partition, account, time, mem, …); docs/cluster.md says what such answers mean",
    },
  );
}

async function states(
  submissions: readonly Submission[],
  seconds: number,
): Promise<ReadonlyMap<string, TaskState>[]> {
  const jobs = submissions.flatMap(({ job }) => job ?? []);
  const names = submissions.filter(({ job }) => job === null).map(({ name }) => name);
  const nothing: Found = { asked: true, seen: [] };
  const [byJob, byName, recorded, recordedByName] = await Promise.all([
    jobs.length === 0 ? nothing : askQueue([`--jobs=${jobs.join(",")}`], seconds),
    names.length === 0 ? nothing : askQueue([`--name=${names.join(",")}`], seconds),
    jobs.length === 0 ? nothing : askAccounting([`--jobs=${jobs.join(",")}`], seconds),
    names.length === 0 ? nothing : askAccounting([
      `--name=${names.join(",")}`,
      `--starttime=${dayBefore(submissions)}`,
      "--allusers",
    ], seconds),
  ]);
  return submissions.map(({ job, name, tasks }) => {
    const queue = job === null ? byName : byJob;
    const accounting = job === null ? recordedByName : recorded;
    // Ids are given again some day: the name is not.
    const find = ({ seen }: Found, index: number) =>
      seen.find((one) =>
        one.index === index && one.name === name && (job === null || one.job === job)
      )?.state;
    return new Map(tasks.map((task, index) => [
      task,
      stateOf(find(queue, index), find(accounting, index), queue.asked),
    ]));
  });
}

interface Found {
  /** Whether there was an answer, if only that it knows nothing. */
  readonly asked: boolean;
  readonly seen: readonly Seen[];
}

async function askQueue(which: readonly string[], seconds: number): Promise<Found> {
  const { code, stdout, complaint } = await ask("squeue", [
    "--noheader",
    "--array",
    "--all",
    "--states=all",
    `--format=${SQUEUE_FORMAT}`,
    ...which,
  ], seconds);
  // A single id that is over long since is an error of its own.
  const asked = code === 0 || /invalid job id/i.test(complaint);
  return { asked, seen: code === 0 ? parseSqueue(stdout) : [] };
}

/** Where there is no accounting, sacct fails; where others' jobs are hidden, it says nothing. */
async function askAccounting(which: readonly string[], seconds: number): Promise<Found> {
  const { code, stdout } = await ask("sacct", [
    "--noheader",
    "--parsable2",
    "--allocations",
    `--format=${SACCT_FORMAT}`,
    ...which,
  ], seconds);
  return { asked: code === 0, seen: code === 0 ? parseSacct(stdout) : [] };
}

/** `2026-11-29`: zones of time do not matter to what is a day away. */
function dayBefore(submissions: readonly Submission[]): string {
  const first = Math.min(...submissions.map(({ submitted }) => Date.parse(submitted)));
  return new Date(first - 24 * 3600 * 1000).toISOString().slice(0, 10);
}

const count = (tasks: number) => tasks === 1 ? "1 task" : `${tasks} tasks`;
