import { join } from "node:path";
import type { Submission, Task } from "../../executors/plan.ts";
import type { Scheduler, TaskState, Workplace } from "../../executors/scheduler.ts";
import { openScheduler } from "../../executors/slurm.ts";
import { executorSchema } from "../../pipeline/elsewhere_schema.ts";
import { shellWord } from "../../base/shell.ts";
import { until } from "./processes.ts";

/** Patience of a test: a controller that was stopped on purpose does not answer any later. */
const PATIENCE = { question: 4, submission: 8 };

/**
 * Work whose worker is a few lines of shell: what Slurm does with a task shows in a second. They find
 * the task's id in `$task`, and `$folder` to leave notes in.
 */
export class Work {
  readonly scheduler: Scheduler;
  readonly place: Workplace;
  readonly submissions: Submission[] = [];

  /** @param folder Made, if need be. */
  constructor(readonly folder: string, worker: string, options: Record<string, unknown> = {}) {
    const { slurm } = executorSchema.parse({ slurm: { cpus_per_task: 1, ...options } });
    this.scheduler = openScheduler(slurm!, PATIENCE);
    for (const name of ["notes", "logs"]) {
      Deno.mkdirSync(join(folder, name), { recursive: true });
    }
    const path = join(folder, "worker.sh");
    const notes = join(folder, "notes");
    Deno.writeTextFileSync(path, `plan=$1 task=$2 folder=${shellWord(notes)}\n${worker}\n`);
    this.place = {
      folder,
      plan: join(folder, "plan.json"),
      logs: join(folder, "logs"),
      cwd: folder,
      command: ["/bin/bash", path],
    };
  }

  async submit(tasks: readonly string[], after: readonly Submission[] = []): Promise<Submission> {
    const id = String(this.submissions.length).padStart(4, "0");
    const name = `test-${id}-${crypto.randomUUID().slice(0, 4)}`;
    const restart = 0;
    const request = {
      name,
      tasks: tasks.map(taskOf),
      after: after.map(({ job }) => job!),
      restart,
    };
    const job = await this.scheduler.submit(this.place, request);
    const submitted = new Date().toISOString();
    const submission = { id, name, submitted, job, tasks: [...tasks], restart };
    this.submissions.push(submission);
    return submission;
  }

  /** States of all tasks, of all submissions. */
  async states(): Promise<Record<string, TaskState>> {
    const maps = await this.scheduler.states(this.place, this.submissions);
    return Object.fromEntries(maps.flatMap((map) => [...map]));
  }

  async untilStates(wanted: Readonly<Record<string, TaskState>>, seconds?: number): Promise<void> {
    let last: Record<string, TaskState> = {};
    await until(
      JSON.stringify(wanted),
      async () => {
        last = await this.states();
        return Object.entries(wanted).every(([task, state]) => last[task] === state);
      },
      () => `${JSON.stringify(last)}\n${this.logs()}`,
      seconds,
    );
  }

  /** What a worker has left in `$folder/NAME`; empty if nothing. */
  note(name: string): string {
    try {
      return Deno.readTextFileSync(join(this.folder, "notes", name));
    } catch {
      return "";
    }
  }

  log(submission: Submission, task: string): string {
    return Deno.readTextFileSync(this.scheduler.logOf(this.place, submission, task));
  }

  logs(): string {
    return [...Deno.readDirSync(this.place.logs)].map(({ name }) =>
      `-- ${name}\n${Deno.readTextFileSync(join(this.place.logs, name))}`
    ).join("");
  }
}

function taskOf(id: string): Task {
  return { id, kind: "points", points: [id], stage: null, slot: null, of: null };
}
