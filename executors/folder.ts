import { join } from "node:path";
import type { z } from "zod";
import { UserError } from "../base/errors.ts";
import { type Lock, lockFile } from "../base/lock.ts";
import { realDisk, replaceFile } from "../pipeline/disk.ts";
import {
  type ClusterPlan,
  clusterPlanSchema,
  type Submission,
  submissionSchema,
  type WorkerRecord,
  workerRecordSchema,
} from "./plan.ts";
import type { Workplace } from "./scheduler.ts";

/** What belongs to one plan, and goes out of the way with it. Schedulers keep what they need in the others. */
const OF_PLAN = ["plan.json", "records", "submissions", "logs", "scripts", "parallel", "work"];

/**
 * `outputs/NAME/.cluster/`: everything that a run elsewhere is known by. Whoever sees the folder can
 * ask and go on, from any machine.
 */
export class ClusterFolder {
  readonly path: string;

  /** @param run Absolute path of `outputs/NAME`. */
  constructor(run: string) {
    this.path = join(run, ".cluster");
  }

  get planFile(): string {
    return join(this.path, "plan.json");
  }

  /** Where a worker's `outputs/NAME/…` is that belongs to no point: under its task's id. */
  static work(name: string, task: string): string {
    return `${name}/.cluster/work/${task}`;
  }

  /** Removes the folders of {@linkcode ClusterFolder.work}: what they show, points show too. */
  removeWork(): void {
    realDisk.remove(join(this.path, "work"));
  }

  /** For those who start workers. */
  place(cwd: string, command: readonly string[]): Workplace {
    const logs = join(this.path, "logs");
    return { folder: this.path, plan: this.planFile, logs, cwd, command };
  }

  /** One at a time compares and submits. @param onWait Told who does so now. */
  lock(onWait: (pid: number | null) => void, signal?: AbortSignal): Promise<Lock> {
    return lockFile(join(this.path, "lock"), { onWait, signal, disk: realDisk });
  }

  /** @throws {UserError} if what is there is no plan. */
  readPlan(): ClusterPlan | undefined {
    const text = realDisk.readText(this.planFile);
    if (text === undefined) return undefined;
    const plan = parsed(clusterPlanSchema, text);
    if (plan !== undefined) return plan;
    throw new UserError(`Cannot read ${this.planFile}: it is not a plan of this version`, {
      hint: "Move it away to submit anew.",
    });
  }

  /** Begins a new plan; what there is of another one is moved to `earlier/`. */
  writePlan(plan: ClusterPlan): void {
    const old = OF_PLAN.filter((name) => realDisk.linkStat(join(this.path, name)) !== undefined);
    if (old.length > 0) {
      const stamp = new Date().toISOString().replaceAll(/[:.]/g, "-");
      const folder = join(this.path, "earlier", stamp);
      realDisk.makeFolder(folder);
      for (const name of old) realDisk.rename(join(this.path, name), join(folder, name));
    }
    replaceFile(realDisk, this.planFile, JSON.stringify(plan, null, 2) + "\n");
  }

  /** In the order in which they were made. */
  submissions(): Submission[] {
    return this.#all("submissions", submissionSchema);
  }

  writeSubmission(submission: Submission): void {
    const text = JSON.stringify(submission, null, 2) + "\n";
    replaceFile(realDisk, this.#submission(submission.id), text);
  }

  removeSubmission({ id }: Submission): void {
    realDisk.remove(this.#submission(id));
  }

  /** Of every attempt at every task. */
  records(): WorkerRecord[] {
    return this.#all("records", workerRecordSchema);
  }

  writeRecord(record: WorkerRecord): void {
    const path = join(this.path, "records", `${record.task}.${record.restart}.json`);
    replaceFile(realDisk, path, JSON.stringify(record) + "\n");
  }

  #submission(id: string): string {
    return join(this.path, "submissions", `${id}.json`);
  }

  #all<T>(folder: string, schema: z.ZodType<T>): T[] {
    const path = join(this.path, folder);
    const names = realDisk.list(path).map(({ name }) => name);
    return names.filter((name) => name.endsWith(".json")).sort().flatMap((name) => {
      const text = realDisk.readText(join(path, name));
      return (text === undefined ? undefined : parsed(schema, text)) ?? [];
    });
  }
}

function parsed<T>(schema: z.ZodType<T>, text: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
