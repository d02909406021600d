import type { ClusterFolder } from "./folder.ts";
import type { Submission, Task, WorkerRecord } from "./plan.ts";
import { type Scheduler, Unanswered, type Workplace } from "./scheduler.ts";
import type { TaskStanding } from "./standing.ts";

/**
 * Has tasks started, wave by wave: each after those of the waves before it that are under way. To be
 * called with the folder's lock held.
 *
 * @param wanted Which of the tasks.
 * @returns what was submitted.
 * @throws {UserError} if the scheduler refuses; what it took before is kept.
 */
export async function submit(
  all: readonly TaskStanding[],
  wanted: (one: TaskStanding) => boolean,
  { folder, scheduler, place, name }: {
    folder: ClusterFolder;
    scheduler: Scheduler;
    place: Workplace;
    name: string;
  },
): Promise<Submission[]> {
  const submitted: Submission[] = [];
  if (!all.some(wanted)) return submitted;
  const before = new Set<string>();
  const records = folder.records();
  const submissions = folder.submissions();
  const largest = await scheduler.largest();
  const waves = Map.groupBy(all, ({ wave }) => wave);
  for (const [, wave] of [...waves].sort(([a], [b]) => a - b)) {
    const after = [...before];
    for (const { standing, submission } of wave) {
      const alive = ["running", "waiting", "unknown"].includes(standing);
      if (alive && submission?.job) before.add(submission.job);
    }
    const tasks = wave.filter(wanted).map(({ task }) => task);
    for (let at = 0; at < tasks.length; at += largest) {
      const some = tasks.slice(at, at + largest);
      const id = String(submissions.length + submitted.length).padStart(4, "0");
      const restart = firstAttempt(some, records, submissions);
      const submission: Submission = {
        id,
        name: `${name}-${id}-${crypto.randomUUID().slice(0, 8)}`,
        submitted: new Date().toISOString(),
        job: null,
        tasks: some.map(({ id }) => id),
        restart,
      };
      // First, so that nothing is started of which nobody knows.
      folder.writeSubmission(submission);
      let job: string;
      try {
        job = await scheduler.submit(place, { name: submission.name, tasks: some, after, restart });
      } catch (error) {
        if (!(error instanceof Unanswered)) folder.removeSubmission(submission);
        throw error;
      }
      folder.writeSubmission({ ...submission, job });
      submitted.push({ ...submission, job });
      before.add(job);
    }
  }
  return submitted;
}

/** A number above that of every attempt so far at any of the tasks. */
function firstAttempt(
  tasks: readonly Task[],
  records: readonly WorkerRecord[],
  submissions: readonly Submission[],
): number {
  const ids = new Set(tasks.map(({ id }) => id));
  return Math.max(
    -1,
    ...records.filter(({ task }) => ids.has(task)).map(({ restart }) => restart),
    ...submissions.filter(({ tasks }) => tasks.some((id) => ids.has(id)))
      .map(({ restart }) => restart),
  ) + 1;
}
