import type { ClusterPlan, Submission, Task, WorkerRecord } from "./plan.ts";
import type { Scheduler, TaskState, Workplace } from "./scheduler.ts";

/** How a task stands. `missing`: it is to be done, and nobody was asked to. */
export type Standing = "done" | "running" | "waiting" | "failed" | "unknown" | "missing";

/** A task with how it stands, and why that is known. */
export interface TaskStanding {
  readonly task: Task;
  readonly wave: number;
  readonly standing: Standing;
  /** Of the newest attempt. */
  readonly record?: WorkerRecord;
  /** The newest that it was part of. */
  readonly submission?: Submission;
  /** The scheduler's name for it. */
  readonly job?: string;
  /** Path of its log. */
  readonly log?: string;
  /** What went wrong with one that failed. */
  readonly error?: string;
}

/** What is known of a run elsewhere. */
export interface Known {
  readonly plan: ClusterPlan;
  readonly submissions: readonly Submission[];
  /** What the scheduler said of each submission's tasks, before the records were read. */
  readonly states: readonly ReadonlyMap<string, TaskState>[];
  /** Read before the store was looked at. */
  readonly records: readonly WorkerRecord[];
  /** Whether all that a task is to make is in the store, whole; undefined where that can't be told. */
  readonly inStore: (task: Task) => boolean | undefined;
}

/**
 * How every task stands. The store is believed first, then the worker's newest record, then the
 * scheduler; from an empty answer of it nothing is concluded.
 */
export function standings(known: Known, scheduler: Scheduler, place: Workplace): TaskStanding[] {
  const { plan, submissions, states, records, inStore } = known;
  return plan.waves.flatMap((wave, number) =>
    wave.map((task): TaskStanding => {
      const at = submissions.findLastIndex(({ tasks }) => tasks.includes(task.id));
      const common = { task, wave: number };
      const done = inStore(task);
      if (at < 0) return { ...common, standing: done ? "done" : "missing" };
      const submission = submissions[at];
      const record = records.filter((each) => each.task === task.id)
        .toSorted((a, b) => b.restart - a.restart)[0];
      const state = states[at].get(task.id) ?? "unknown";
      return {
        ...{ ...common, record, submission },
        job: scheduler.jobOf(submission, task.id),
        log: scheduler.logOf(place, submission, task.id),
        // A record of an earlier submission says nothing of this one.
        ...judge(done, (record?.restart ?? -1) < submission.restart ? undefined : record, state),
      };
    })
  );
}

/** What the store, the record and the scheduler say together. */
function judge(
  done: boolean | undefined,
  record: WorkerRecord | undefined,
  state: TaskState,
): Pick<TaskStanding, "standing" | "error"> {
  if (done) return { standing: "done" };
  switch (record?.exit) {
    case 0: // what it has made was cleared away since, or its code has changed
      return { standing: done === undefined ? "done" : "missing" };
    case 1:
      return { standing: "failed", error: record.error ?? undefined };
  }
  switch (state) {
    case "waiting":
    case "running":
    case "unknown":
      return { standing: state };
    case "failed":
    case "ended":
      return { standing: "failed", error: whyDead(record) };
  }
}

function whyDead(record: WorkerRecord | undefined): string {
  if (record === undefined) return "it ended before its worker began";
  return record.exit === null
    ? `killed on ${record.host}`
    : `stopped on ${record.host}, and not to be queued again`;
}
