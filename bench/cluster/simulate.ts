import type { WorkerRecord } from "../../executors/plan.ts";

/** What a worker of the simulation takes its time for, seconds. */
export interface Costs {
  /** From the start of its process until it asks for work. */
  readonly start: number;
  /** Opening the engine and loading the model, once a process. */
  readonly engine: number;
  /** Before and after each piece of work: looking it up, publishing it. */
  readonly piece: number;
}

/**
 * Simulates workers that take pieces of work until none is left (shards of the trunk), or tasks of
 * the scheduler's that hold a few pieces each (points of a sweep), and writes what they would record.
 *
 * @param pieces Seconds that each takes, in the order in which they are taken.
 * @param options.pack Pieces in one task; without it a worker takes pieces as long as there are any.
 */
export function simulate(
  pieces: readonly number[],
  workers: number,
  costs: Costs,
  options: { pack?: number; what: "part" | "stage"; name: string },
): WorkerRecord[] {
  const { pack, what, name } = options;
  const records: WorkerRecord[] = [];
  const free = new Array<number>(workers).fill(0);
  const next = () => free.indexOf(Math.min(...free));
  let taken = 0;
  const begin = (worker: number): { spans: WorkerRecord["spans"]; at: number; worker: number } => ({
    worker,
    at: costs.start + costs.engine,
    spans: [
      { what: "start", name: "", begin: 0, seconds: costs.start },
      { what: "engine", name: "", begin: costs.start, seconds: costs.engine },
    ],
  });
  const work = (task: ReturnType<typeof begin>) => {
    const seconds = pieces[taken];
    task.spans.push({
      ...{ what, name: `${name} ${taken++}`, seconds },
      begin: task.at + costs.piece / 2,
    });
    task.at += seconds + costs.piece;
  };
  const end = ({ worker, spans, at }: ReturnType<typeof begin>) => {
    const started = free[worker];
    free[worker] += at;
    records.push({
      ...{ task: `${name}-${records.length}`, restart: 0, job: null, pid: 0, cores: 1, threads: 1 },
      host: "worker",
      started: new Date(started * 1000).toISOString(),
      ended: new Date((started + at) * 1000).toISOString(),
      ...{ exit: 0, error: null, spans },
    });
  };
  if (pack !== undefined) {
    while (taken < pieces.length) {
      const task = begin(next());
      for (let i = 0; i < pack && taken < pieces.length; i++) work(task);
      end(task);
    }
    return records;
  }
  const open = free.map((_, worker) => begin(worker));
  while (taken < pieces.length) work(open.reduce((a, b) => (b.at < a.at ? b : a)));
  open.forEach(end);
  return records;
}
