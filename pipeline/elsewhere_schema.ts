import { z } from "zod";

/*
 * Where a config's work is done and where its artifacts are shared. No part of any key: the same
 * stages give the same artifacts wherever they run.
 */

const lines = z.array(z.string()).default([]);

/** `executor:` of a config. */
export const executorSchema = z.strictObject({
  slurm: z.strictObject({
    partition: z.string().min(1).optional().describe("sbatch --partition"),
    account: z.string().min(1).optional().describe("sbatch --account"),
    time: z.string().min(1).optional().describe(
      "Longest time of one task, as sbatch --time has it: 01:30:00",
    ),
    gpus_per_task: z.int().min(0).default(0).describe("GPUs of one task"),
    cpus_per_task: z.int().min(1).default(2).describe(
      "Cores, and threads of the engine, of a task",
    ),
    mem: z.string().min(1).optional().describe("Memory of one task: 8G"),
    array_limit: z.int().min(1).default(100).describe("Tasks that run at the same time at most"),
    pack: z.int().min(1).default(1).describe("Points of a sweep that one task runs, one by one"),
    max_restarts: z.int().min(0).default(5).describe(
      "How often a task that ran out of time or lost its node is queued again",
    ),
    setup: lines.describe("Lines of shell before the work: module load …"),
    extra: lines.describe("More options of sbatch: --qos=long"),
  }).optional().describe("Slurm: job arrays, submitted by --executor slurm"),
  parallel: z.strictObject({
    hosts: z.array(z.string().min(1)).default([":"]).describe(
      "As GNU parallel's --sshlogin has them: 4/node1; : is this machine",
    ),
    jobs: z.int().min(1).default(1).describe("Tasks that a host runs at the same time"),
    threads: z.int().min(1).optional().describe(
      "Threads of the engine of one task; default: --threads",
    ),
    pack: z.int().min(1).default(1).describe("Points of a sweep that one task runs, one by one"),
    max_restarts: z.int().min(0).default(2).describe("How often a task that failed is tried again"),
    setup: lines.describe("Lines of shell before the work"),
    extra: lines.describe("More options of parallel"),
  }).optional().describe("GNU parallel over ssh, started by --executor parallel"),
});

/** `executor:` of a config, parsed. */
export type ExecutorOptions = z.infer<typeof executorSchema>;

const mode = z.enum(["read", "read-write"]).default("read").describe(
  "read: artifacts are fetched; read-write: what is made here is put there too",
);

/** `store:` of a config: where artifacts are shared with other machines. */
export const sharedStoreSchema = z.union([
  z.strictObject({
    path: z.string().min(1).describe("A folder that several machines see, on NFS for example"),
    mode,
  }),
  z.strictObject({
    url: z.string().regex(/^(https?|s3):\/\//).describe(
      "http(s)://… in the layout of Bazel's remote cache, or s3://bucket/prefix",
    ),
    mode,
    endpoint: z.string().regex(/^https?:\/\//).optional().describe(
      "Where an S3 server other than Amazon's is",
    ),
    region: z.string().min(1).optional().describe("S3: default AWS_REGION, or us-east-1"),
  }),
]);

/** `store:` of a config, parsed. */
export type SharedStoreOptions = z.infer<typeof sharedStoreSchema>;
