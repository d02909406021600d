import { join, resolve } from "node:path";
import { type Job, JobSide } from "./side.ts";

const ROOT = resolve(import.meta.dirname!, "..");

/** The model that comes with the project: 8 blocks, 64 x 64 pixels. */
export const BOX = join(ROOT, "models/vit-tiny-patch8-64");

/** A folder with a deno.json, so that a config in it has its own outputs/. */
export async function newProject(folder: string): Promise<string> {
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(join(folder, "deno.json"), "{}");
  return folder;
}

/** Writes a config (JSON is YAML) and gives its path. */
export async function writeConfig(project: string, name: string, config: object): Promise<string> {
  const path = join(project, `${name}.yaml`);
  await Deno.writeTextFile(path, JSON.stringify(config, null, 2));
  return path;
}

/** `deno task run CONFIG`. */
export function taskRun(config: string, threads: number, rest: Partial<Job> = {}): Job {
  return {
    name: "Vitrine",
    command: [Deno.execPath(), "task", "--quiet", "run", config, "--threads", String(threads)],
    cwd: ROOT,
    ...rest,
  };
}

/** bench/finetune.py as a process. */
export function finetune(
  python: string,
  args: readonly string[],
  threads: number,
  rest: Partial<Job> = {},
): Job {
  return {
    name: "PyTorch",
    command: [python, "bench/finetune.py", BOX, ...args, "--threads", String(threads)],
    cwd: ROOT,
    ...rest,
  };
}

/** Runs a job once, in order that what it makes be there. */
export async function prepare(job: Job): Promise<void> {
  await new JobSide({ ...job, short: true }).measure(1);
}
