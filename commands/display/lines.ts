import type { EventSink, RunEvent } from "../../pipeline/events.ts";
import { formatDuration } from "../../base/duration.ts";
import { cut, formatProgress, type Paint } from "./format.ts";
import type { Output } from "./output.ts";

/** Milliseconds between two lines of progress where there is no terminal. */
const PLAIN_INTERVAL = 10_000;

/**
 * Tells a run in lines that stay. On a terminal the last line lives: it shows the progress of the
 * stage at work and is replaced as that goes on; elsewhere progress is a line every ten seconds.
 */
export class LineDisplay {
  readonly #out: Output;
  readonly #errors: Output;
  readonly #paint: Paint;
  readonly #now: () => number;
  #alive = false;
  #lastPlain = -Infinity;

  /** @param now Milliseconds of a clock that only goes forward. */
  constructor(out: Output, errors: Output, paint: Paint, now: () => number) {
    this.#out = out;
    this.#errors = errors;
    this.#paint = paint;
    this.#now = now;
  }

  readonly sink: EventSink = (event) => {
    if (event.type === "progress") this.#progress(event);
    else this.#event(event);
  };

  /** Writes a text below what is there. */
  print(text: string): void {
    this.#clear();
    this.#out.write(text + "\n");
  }

  #event(event: RunEvent): void {
    const paint = this.#paint;
    switch (event.type) {
      case "stage-started":
        this.#lastPlain = this.#now();
        return this.print(`${paint.bold(event.stage)}  ${paint.dim(event.reason)}`);
      case "waiting": {
        const who = event.pid === null ? "another process" : `process ${event.pid}`;
        const where = event.host === undefined ? "" : ` on ${event.host}`;
        return this.print(
          `${event.stage}  waiting for ${who}${where}, which is making ${event.for}`,
        );
      }
      case "line":
        return this.print(`${event.stage}  ${event.text}`);
      case "warning":
        return this.print(
          `${event.stage === null ? "" : `${event.stage}  `}${
            paint.warning("warning:")
          } ${event.text}`,
        );
      case "stage-finished":
        return this.#finished(event);
    }
  }

  #finished(event: Extract<RunEvent, { type: "stage-finished" }>): void {
    if (event.status === "failed") {
      this.#clear();
      this.#errors.write(failureText(event, this.#paint));
    } else if (["ran", "resumed", "redrawn", "interrupted"].includes(event.status)) {
      const status = this.#paint.status(event.status, event.status);
      this.print(`${event.stage}  ${status} in ${formatDuration(event.seconds)}`);
    }
  }

  #progress(event: Extract<RunEvent, { type: "progress" }>): void {
    const columns = this.#out.columns();
    // One column less: a terminal may break a line that fills it.
    const room = columns === undefined ? Infinity : columns - 1 - event.stage.length - 2;
    const text = `${event.stage}  ${formatProgress(event, room)}`;
    if (columns !== undefined) {
      this.#clear();
      this.#out.write(cut(text, columns - 1));
      this.#alive = true;
    } else if (this.#now() - this.#lastPlain >= PLAIN_INTERVAL) {
      this.#lastPlain = this.#now();
      this.#out.write(text + "\n");
    }
  }

  #clear(): void {
    if (this.#alive) this.#out.write("\r\x1b[2K");
    this.#alive = false;
  }
}

/** What is written when a stage has failed: which, what, and what to do. */
export function failureText(
  event: Extract<RunEvent, { type: "stage-finished" }>,
  paint: Paint,
): string {
  const [what, ...rest] = (event.error ?? event.reason).split("\n");
  const lines = [`${paint.status("failed", `${event.stage} failed`)}: ${what}`];
  for (const line of rest) lines.push(`  ${line}`);
  return lines.join("\n") + "\n";
}
