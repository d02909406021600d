import type { Submission } from "../../executors/plan.ts";
import type { Request, Scheduler, TaskState, Workplace } from "../../executors/scheduler.ts";

interface Job {
  readonly request: Request;
  readonly place: Workplace;
  readonly states: Map<string, TaskState>;
}

/** What a test makes of a scheduler's doings. */
export interface FakeOptions {
  /** Workers at the same time. */
  readonly places: number;
  /** How often a task that did not end by itself is started again. */
  readonly restarts?: number;
  /** Told of every worker that starts. */
  readonly onStart?: (task: string, child: Deno.ChildProcess) => void;
}

/** Starts workers as plain processes, so many at a time, wave after wave. */
export class FakeScheduler implements Scheduler {
  readonly title = "the fake";
  /** Every start of a worker, in order: ids of tasks. */
  readonly started: string[] = [];
  /** Answers nothing when asked how tasks stand. */
  silent = false;
  /** Refuses to start anything new. */
  held = false;
  readonly #options: FakeOptions;
  readonly #jobs = new Map<string, Job>();
  #running = 0;

  constructor(options: FakeOptions) {
    this.#options = options;
  }

  largest(): Promise<number> {
    return Promise.resolve(5);
  }

  submit(place: Workplace, request: Request): Promise<string> {
    const job = String(this.#jobs.size + 1);
    const states = new Map(request.tasks.map(({ id }): [string, TaskState] => [id, "waiting"]));
    this.#jobs.set(job, { request, place, states });
    this.#fill();
    return Promise.resolve(job);
  }

  states(_: Workplace, submissions: readonly Submission[]): Promise<Map<string, TaskState>[]> {
    return Promise.resolve(
      submissions.map(({ job }) => new Map(this.silent ? [] : this.#jobs.get(job ?? "")?.states)),
    );
  }

  jobOf({ job, tasks }: Submission, task: string): string {
    return `${job}_${tasks.indexOf(task)}`;
  }

  logOf({ logs }: Workplace, submission: Submission, task: string): string {
    return `${logs}/${this.jobOf(submission, task)}.log`;
  }

  cancel({ job }: Submission): string {
    return `cancel ${job}`;
  }

  /** Begins what was held back. */
  release(): void {
    this.held = false;
    this.#fill();
  }

  /** Until nothing waits or runs. */
  async idle(): Promise<void> {
    const busy = () =>
      [...this.#jobs.values()].some(({ states }) =>
        [...states.values()].some((state) => state === "waiting" || state === "running")
      );
    while (busy()) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  #fill(): void {
    if (this.held) return;
    for (const [name, job] of this.#jobs) {
      const { request, states } = job;
      const before = request.after.map((other) => [...this.#jobs.get(other)!.states.values()]);
      const over = (state: TaskState) => state === "ended" || state === "failed";
      if (!before.flat().every(over)) continue;
      for (const { id } of request.tasks) {
        if (this.#running >= this.#options.places) return;
        if (states.get(id) === "waiting") this.#start(name, job, id, 0);
      }
    }
  }

  async #start(name: string, job: Job, id: string, count: number): Promise<void> {
    const { place, request, states } = job;
    states.set(id, "running");
    this.#running++;
    this.started.push(id);
    const [program, ...args] = place.command;
    const child = new Deno.Command(program, {
      args: [...args, place.plan, id],
      cwd: place.cwd,
      env: {
        NO_COLOR: "1",
        VITRINE_TASK_RESTART: String(request.restart),
        SLURM_RESTART_COUNT: String(count),
        SLURM_ARRAY_JOB_ID: name,
        SLURM_ARRAY_TASK_ID: String(request.tasks.findIndex((task) => task.id === id)),
      },
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#options.onStart?.(id, child);
    const { code, signal, stdout, stderr } = await child.output();
    const log = this.logOf(
      place,
      { job: name, tasks: request.tasks.map(({ id }) => id) } as never,
      id,
    );
    Deno.mkdirSync(place.logs, { recursive: true });
    Deno.writeFileSync(log, stdout, { append: true });
    Deno.writeFileSync(log, stderr, { append: true });
    this.#running--;
    const again = (signal !== null || code === 75) && count < (this.#options.restarts ?? 0);
    if (again) return await this.#start(name, job, id, count + 1);
    states.set(id, code === 0 ? "ended" : "failed");
    this.#fill();
  }
}
