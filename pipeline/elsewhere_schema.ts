import { z } from "zod";
import { quoted } from "../base/printable.ts";
import { ownOption, SBATCH_MEMORY, SBATCH_TIME } from "./sbatch.ts";

/*
 * Where a config's work is done and where its artifacts are shared. No part of any key: the same
 * stages give the same artifacts wherever they run.
 */

/** A list of texts; of a text alone it says how it is written as a list. */
function listOf<T extends z.ZodType<string>>(item: T) {
  return z.array(item, {
    error: ({ code, input }) =>
      code === "invalid_type" ? mustBe(input, "a list", inList) : undefined,
  });
}

const lines = listOf(z.string()).default([]);

const TIME_RULE = "it must be a text such as 01:30:00 (hours:minutes:seconds), 2-12 (days-hours) " +
  'or "90" (minutes)';
const MEMORY_RULE = "it must be a whole number with K, M, G or T, such as 8G";
const URL_RULE = "it must be https://…, http://… or s3://bucket/prefix";
const ENDPOINT_RULE = "it must be https://… or http://…";

const sbatchOption = z.string().refine((option) => ownOption(option) === undefined, {
  error: ({ input }) => `${ownOption(String(input))} is set by the executor; leave it out`,
});

/** `executor:` of a config. */
export const executorSchema = z.strictObject({
  slurm: z.strictObject({
    partition: z.string().min(1).optional().describe("sbatch --partition"),
    account: z.string().min(1).optional().describe("sbatch --account"),
    time: z.string(TIME_RULE).regex(SBATCH_TIME, TIME_RULE).optional().describe(
      "Longest time of one task, as sbatch --time has it: 01:30:00",
    ),
    gpus_per_task: z.int().min(0).default(0).describe("GPUs of one task"),
    cpus_per_task: z.int().min(1).default(2).describe(
      "Cores, and threads of the engine, of a task",
    ),
    mem: z.string(MEMORY_RULE).regex(SBATCH_MEMORY, MEMORY_RULE).optional().describe(
      "Memory of one task: 8G",
    ),
    array_limit: z.int().min(1).default(100).describe("Tasks that run at the same time at most"),
    pack: z.int().min(1).default(1).describe("Points of a sweep that one task runs, one by one"),
    max_restarts: z.int().min(0).default(5).describe(
      "How often a task that ran out of time or lost its node is queued again",
    ),
    setup: lines.describe("Lines of shell before the work: module load …"),
    extra: listOf(sbatchOption).default([]).describe("More options of sbatch: --qos=long"),
  }).optional().describe("Slurm: job arrays, submitted by --executor slurm"),
  parallel: z.strictObject({
    hosts: listOf(z.string().min(1)).default([":"]).describe(
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
}, {
  error: ({ code, input }) =>
    code === "invalid_type"
      ? mustBe(input, "a map", (name) => `{ ${name === "parallel" ? name : "slurm"}: {} }`)
      : undefined,
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
    url: z.string().regex(/^(https?|s3):\/\//, URL_RULE).describe(
      "http(s)://… in the layout of Bazel's remote cache, or s3://bucket/prefix",
    ),
    mode,
    endpoint: z.string().regex(/^https?:\/\//, ENDPOINT_RULE).optional().describe(
      "Where an S3 server other than Amazon's is",
    ),
    region: z.string().min(1).optional().describe("S3: default AWS_REGION, or us-east-1"),
  }),
], {
  error: ({ input }) => mustBe(input, "a map", inStore),
});

/** `store:` of a config, parsed. */
export type SharedStoreOptions = z.infer<typeof sharedStoreSchema>;

/** The rule for a value of the wrong type; a text is shown in the right form. */
function mustBe(input: unknown, type: string, form: (text: string) => string): string | undefined {
  return typeof input === "string" ? `it must be ${type}: ${form(input)}` : undefined;
}

function inList(text: string): string {
  return `[${inYaml(text)}]`;
}

function inStore(place: string): string {
  return `{ ${place.includes("://") ? "url" : "path"}: ${inYaml(place)} }`;
}

/** A text as YAML has it within brackets: in quotes, unless it is plainly a text without them. */
function inYaml(text: string): string {
  return /^[A-Za-z/~][\w./-]*$/.test(text) && text.length <= 60 ? text : quoted(text, 80);
}
