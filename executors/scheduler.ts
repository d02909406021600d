import { UserError } from "../base/errors.ts";
import type { Submission, Task } from "./plan.ts";

/** A scheduler did not say whether it took what was submitted: it may have. */
export class Unanswered extends UserError {
  override name = "Unanswered";
}

/**
 * How a scheduler says that a task stands. `waiting`: it has not begun, or is to be requeued;
 * `ended`: well; `failed`: it ended otherwise (exit code, killed, out of time, node lost, cancelled)
 * and the scheduler will not start it again by itself; `unknown`: it could not be asked, or has
 * nothing to say. Nothing is ever concluded from `unknown`.
 */
export type TaskState = "waiting" | "running" | "ended" | "failed" | "unknown";

/** Where workers find what they work with, and what starts one. All paths are absolute. */
export interface Workplace {
  /** `outputs/NAME/.cluster`. */
  readonly folder: string;
  /** `outputs/NAME/.cluster/plan.json`. */
  readonly plan: string;
  /** Folder of the logs: whatever a scheduler's own are called, they lie here. */
  readonly logs: string;
  /** Folder that a worker is started in. */
  readonly cwd: string;
  /** The words that start a worker; `plan` and a task's id are to follow. */
  readonly command: readonly string[];
}

/** Some tasks of one wave, which a scheduler is to start. */
export interface Request {
  /** Unique among all that were ever submitted, in [\w.-]: `sweep-x-0003-5f2c`. */
  readonly name: string;
  /** At most as many as {@linkcode Scheduler.largest} says. Their place here is their number. */
  readonly tasks: readonly Task[];
  /** Jobs of the wave before: none of the tasks begins until those have ended, well or not. */
  readonly after: readonly string[];
  /**
   * Goes into each worker's VITRINE_TASK_RESTART as it stands: the number of its first attempt. The
   * worker adds SLURM_RESTART_COUNT by itself.
   */
  readonly restart: number;
}

/**
 * An engine that starts workers. It is made by `openScheduler(options)` of its module
 * (`executors/slurm.ts`, `executors/parallel.ts`), where `options` is that part of the config's
 * `executor:` with its defaults, and keeps nothing: what was submitted is in `.cluster/submissions/`.
 *
 * A worker ends with 0 (done), 1 (failed) or 75 (stopped by SIGTERM: to be queued again,
 * at most `max_restarts` times).
 */
export interface Scheduler {
  /** For people: "Slurm". */
  readonly title: string;
  /** How many tasks one submission may have. */
  largest(): Promise<number>;
  /**
   * Starts workers, or has them started when it is their turn.
   * @returns its name for them, `123` of Slurm.
   * @throws {Unanswered} if it may have taken them all the same.
   * @throws {UserError} if it refuses, with what it says.
   */
  submit(place: Workplace, request: Request): Promise<string>;
  /**
   * How tasks stand, by id, for each submission in order; one that it says nothing of is absent or
   * `unknown`. Of a submission whose `job` is null it is not known whether it came through: it may be
   * looked up by its name. Never throws.
   */
  states(
    place: Workplace,
    submissions: readonly Submission[],
  ): Promise<ReadonlyMap<string, TaskState>[]>;
  /** Its name for one task of a submission, for people and for its commands: `123_4`. */
  jobOf(submission: Submission, task: string): string;
  /** Absolute path of the log of a task's newest attempt; it need not be there. */
  logOf(place: Workplace, submission: Submission, task: string): string;
  /** What to type to stop a submission: `scancel 123`. */
  cancel(submission: Submission): string;
}
