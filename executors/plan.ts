import { z } from "zod";
import { sharedStoreSchema } from "../pipeline/elsewhere_schema.ts";

/** What may start workers: the words of `--executor`, and of `executor:` in a config. */
export const EXECUTORS = ["slurm", "parallel"] as const;
export type ExecutorName = (typeof EXECUTORS)[number];

/** One thing for a worker to do. Tasks share nothing but the store, so any may be done again. */
const taskSchema = z.strictObject({
  /** `prepare-0`, `shards-3`, `points-07`: what its records and logs are called. */
  id: z.string(),
  /**
   * `prepare`: what comes before the parts; `parts`: some of what a stage makes in parts (shards of
   * the frozen trunk); `points`: whole runs.
   */
  kind: z.enum(["prepare", "parts", "points"]),
  /** Points of the sweep, one by one; null for a config without one. */
  points: z.array(z.string().nullable()).min(1),
  /** For `parts` the stage whose parts are made, for `prepare` the one that needs what it makes. */
  stage: z.string().nullable(),
  /** For `parts`: this worker's number, and how many share the parts. */
  slot: z.int().nullable(),
  of: z.int().nullable(),
});

/** `outputs/NAME/.cluster/plan.json`: what was asked for, as every worker reads it. */
export const clusterPlanSchema = z.strictObject({
  format: z.literal(1),
  name: z.string(),
  /** Whether the name is `--name`, not the config's own. */
  renamed: z.boolean(),
  /** Path of the config, relative to the project where it lies in it. */
  config: z.string(),
  /**
   * SHA-256 of the config with all that it extends, but for `executor` and `store`: a worker refuses
   * to do another one's work.
   */
  digest: z.string(),
  set: z.array(z.string()),
  engine: z.string(),
  threads: z.int().nullable(),
  /** Where workers share artifacts with other machines. */
  store: sharedStoreSchema.nullable(),
  executor: z.enum(EXECUTORS),
  /** A wave begins when the one before has ended, well or not. */
  waves: z.array(z.array(taskSchema)),
});

export type Task = z.infer<typeof taskSchema>;
export type ClusterPlan = z.infer<typeof clusterPlanSchema>;

/**
 * `.cluster/submissions/NUMBER.json`: tasks that a scheduler was asked to start at once. It is there
 * before the scheduler is asked, and again when it has answered.
 */
export const submissionSchema = z.strictObject({
  /** `0003`, what its file is called. */
  id: z.string(),
  /** What the scheduler was told to call it; unique. */
  name: z.string(),
  submitted: z.iso.datetime(),
  /** The scheduler's name for it, `123`; null until it has answered. */
  job: z.string().nullable(),
  /** Ids of its tasks; the place here is the task's number in the array. */
  tasks: z.array(z.string()),
  /** The number of the first attempt: what the records of its tasks count from. */
  restart: z.int(),
});

export type Submission = z.infer<typeof submissionSchema>;

/**
 * `.cluster/records/TASK.RESTART.json`: what one attempt at a task has to say. The worker writes it
 * when it starts, whenever a span ends, and at its end; each time whole, by a rename.
 */
export const workerRecordSchema = z.strictObject({
  task: z.string(),
  /** 0 at the first attempt. */
  restart: z.int(),
  /** The scheduler's name of it, `123_4`. */
  job: z.string().nullable(),
  host: z.string(),
  pid: z.int(),
  /** Cores that it may use, and threads of its engine. */
  cores: z.int(),
  threads: z.int().nullable(),
  started: z.string(),
  /** Null while it works, or where it was killed. */
  ended: z.string().nullable(),
  /** 0: done; 1: failed; 75: stopped to be queued again; null: not known (yet). */
  exit: z.int().nullable(),
  /** What a failed one said last. */
  error: z.string().nullable(),
  /** What it spent its time on; what lies between them is overhead. */
  spans: z.array(z.strictObject({
    /** start: until the first line of the worker; wait: for another's lock. */
    what: z.enum(["start", "engine", "stage", "part", "wait", "fetch", "put"]),
    /** `train`, `features 12`. */
    name: z.string(),
    /** Seconds after `started`. */
    begin: z.number(),
    seconds: z.number(),
  })),
});

export type WorkerRecord = z.infer<typeof workerRecordSchema>;
