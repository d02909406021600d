import type { TaskState } from "../scheduler.ts";

/** A state as Slurm says it, of one task of an array. */
export interface Seen {
  /** The array's job id. */
  readonly job: string;
  readonly index: number;
  /** Name of the job. */
  readonly name: string;
  /** `PENDING`, `NODE_FAIL`, … */
  readonly state: string;
}

/** For `squeue`: array job id, index, state, name. Without widths nothing is cut. */
export const SQUEUE_FORMAT = "%F|%K|%T|%j";
/** For `sacct --parsable2`. */
export const SACCT_FORMAT = "JobID,State,JobName";

/** Lines of `squeue --format=SQUEUE_FORMAT`. What cannot be read is left out. */
export function parseSqueue(text: string): Seen[] {
  return rows(text).flatMap(([job, indices, state, name]) =>
    seen(job, indices?.replace(/^\[|\]$/g, ""), state, name)
  );
}

/** Lines of `sacct`: `12_3|COMPLETED|name`, tasks that have not begun as `12_[4-7%2]`. */
export function parseSacct(text: string): Seen[] {
  return rows(text).flatMap(([id, state, name]) => {
    const match = /^(\d+)_(?:(\d+)|\[([^\]]*)\])$/.exec(id ?? "");
    if (match === null) return [];
    return seen(match[1], match[2] ?? match[3], state, name);
  });
}

function rows(text: string): string[][] {
  return text.split("\n").filter((line) => line !== "").map((line) => line.split("|"));
}

function seen(job?: string, indices?: string, state?: string, name?: string): Seen[] {
  // "CANCELLED by 1000"; "CANCELLED+" where a column is too narrow.
  const word = /^[A-Z_]+/.exec(state ?? "")?.[0];
  if (!/^\d+$/.test(job ?? "") || word === undefined) return [];
  return indicesIn(indices ?? "").map((index) => ({
    job: job!,
    index,
    name: name ?? "",
    state: word,
  }));
}

/** No array is longer than Slurm's own bound of 4,000,001. */
const LARGEST_INDEX = 4_000_001;

/** `3-7%2` is 3 to 7, at most two at a time; `1,4-6`; `0-8:4` is 0, 4, 8. */
export function indicesIn(text: string): number[] {
  return text.replace(/%\d+$/, "").split(",").flatMap((part) => {
    const match = /^(\d+)(?:-(\d+)(?::(\d+))?)?$/.exec(part.trim());
    if (match === null) return [];
    const [first, last, step] = [match[1], match[2] ?? match[1], match[3] ?? "1"].map(Number);
    if (last > LARGEST_INDEX || step < 1) return [];
    const count = Math.max(0, Math.floor((last - first) / step) + 1);
    return Array.from({ length: count }, (_, i) => first + i * step);
  });
}

/** In the queue, or on its way back there. */
const WAITING = [
  "PENDING",
  "CONFIGURING",
  "REQUEUED",
  "REQUEUE_HOLD",
  "REQUEUE_FED",
  "SPECIAL_EXIT",
];
const RUNNING = [
  "RUNNING",
  "COMPLETING",
  "SUSPENDED",
  "STOPPED",
  "RESIZING",
  "SIGNALING",
  "STAGE_OUT",
];
/** Over, whatever comes. */
const FAILED = ["FAILED", "CANCELLED", "TIMEOUT", "OUT_OF_MEMORY", "DEADLINE", "REVOKED"];
/** Over, unless Slurm queues it again by itself: it was submitted with --requeue. */
const PERHAPS_REQUEUED = ["NODE_FAIL", "PREEMPTED", "BOOT_FAIL"];

/**
 * How a task stands.
 * @param queue What squeue says of it: of what waits and works, and for some minutes of what ended.
 * @param accounting What sacct says of it: it may lag behind.
 * @param asked Whether squeue answered at all, if only that it does not know the job.
 */
export function stateOf(
  queue: string | undefined,
  accounting: string | undefined,
  asked: boolean,
): TaskState {
  const said = (state: string | undefined): TaskState => {
    if (state === undefined) return "unknown";
    if (WAITING.includes(state)) return "waiting";
    if (RUNNING.includes(state)) return "running";
    if (state === "COMPLETED") return "ended";
    if (FAILED.includes(state)) return "failed";
    // While squeue cannot be asked, it may be in the queue again.
    if (PERHAPS_REQUEUED.includes(state)) return asked ? "failed" : "unknown";
    return "unknown";
  };
  const [now, recorded] = [said(queue), said(accounting)];
  // A task that is queued again is shown by sacct with its last end until its next start.
  if (now === "waiting" || now === "running") return now;
  if (recorded === "ended" || recorded === "failed") return recorded;
  if (now !== "unknown") return now;
  // What works is in the queue: a record without its end has lost it (a runaway job), or is late.
  return asked ? "unknown" : recorded;
}
