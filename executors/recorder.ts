import type { RunEvent } from "../pipeline/events.ts";
import type { WorkerRecord } from "./plan.ts";

type Span = WorkerRecord["spans"][number];

/** Seconds after which what is going on is noted too: of a worker that is killed more is not known. */
const OFTEN = 10;

/** Makes a worker's record of what happens in it. */
export class Recorder {
  readonly #record: WorkerRecord;
  readonly #write: (record: WorkerRecord) => void;
  readonly #now: () => number;
  /** What has begun and not ended, by what it is and the stage. */
  readonly #open = new Map<string, Span>();
  #written = 0;

  /**
   * @param record As it is at first.
   * @param write Keeps it; called at once and after every change.
   * @param now Seconds after `started`.
   */
  constructor(record: WorkerRecord, write: (record: WorkerRecord) => void, now: () => number) {
    this.#record = record;
    this.#write = write;
    this.#now = now;
    write(record);
  }

  /** Takes the events of the worker's runs. */
  readonly sink = (event: RunEvent): void => {
    this.#note(event);
    if (this.#now() - this.#written < OFTEN) return;
    this.#keep({ ...this.#record, spans: [...this.#record.spans, ...this.#unfinished()] });
  };

  #note(event: RunEvent): void {
    if (!("stage" in event) || event.stage === null) return;
    const { stage } = event;
    if (event.type === "waiting") return this.#begin("wait", stage, event.for);
    const transfer = event.type === "progress" && event.unit === "bytes"
      ? TRANSFERS.find(({ detail }) => detail === event.detail)
      : undefined;
    if (transfer !== undefined) return this.#begin(transfer.what, stage, stage);
    // Whatever else a stage has to say, it is no longer waiting.
    for (const what of ["wait", "fetch", "put"] as const) this.#end(what, stage);
    if (event.type === "stage-started") this.#begin("stage", stage, stage);
    if (event.type === "stage-finished") this.#end("stage", stage);
    if (event.type === "part-finished") {
      const begin = Math.max(0, this.#now() - event.seconds);
      this.#add({ what: "part", name: `${stage} ${event.part}`, begin, seconds: event.seconds });
    }
  }

  /** Notes how long something takes. */
  async span<T>(what: Span["what"], name: string, work: () => Promise<T>): Promise<T> {
    const begin = this.#now();
    try {
      return await work();
    } finally {
      this.#add({ what, name, begin, seconds: this.#now() - begin });
    }
  }

  /** Notes all up to now. */
  started(): void {
    this.#add({ what: "start", name: "worker", begin: 0, seconds: this.#now() });
  }

  /** The worker ends. */
  end(exit: number, error?: string): void {
    this.#record.spans.push(...this.#unfinished());
    this.#open.clear();
    this.#record.ended = new Date().toISOString();
    this.#record.exit = exit;
    this.#record.error = error ?? null;
    this.#keep(this.#record);
  }

  /** What has begun, as long as it has taken up to now. */
  #unfinished(): Span[] {
    return [...this.#open.values()].map((span) => ({
      ...span,
      seconds: this.#now() - span.begin,
    }));
  }

  #keep(record: WorkerRecord): void {
    this.#write(record);
    this.#written = this.#now();
  }

  #begin(what: Span["what"], stage: string, name: string): void {
    const key = `${what} ${stage}`;
    if (this.#open.has(key)) return;
    this.#open.set(key, { what, name, begin: this.#now(), seconds: 0 });
  }

  #end(what: Span["what"], stage: string): void {
    const span = this.#open.get(`${what} ${stage}`);
    if (span === undefined) return;
    this.#open.delete(`${what} ${stage}`);
    this.#add({ ...span, seconds: this.#now() - span.begin });
  }

  #add(span: Span): void {
    this.#record.spans.push(span);
    this.#keep(this.#record);
  }
}

/** How the progress of a transfer is told. */
const TRANSFERS = [
  { what: "fetch", detail: "from the shared store" },
  { what: "put", detail: "to the shared store" },
] as const;
