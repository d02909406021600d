import type { RunEvent } from "./events.ts";

type Progress = Extract<RunEvent, { type: "progress" }>;

/** Milliseconds between two events of one stage. */
const INTERVAL = 100;
/** Milliseconds over which the rate is taken. */
const WINDOW = 5000;

/** Turns counts into progress events: ten a second at most, with rate and time left. */
export class ProgressMeter {
  readonly #stage: string;
  readonly #now: () => number;
  #samples: { at: number; done: number }[] = [];
  #work = "";
  #last = -Infinity;

  /** @param now Milliseconds of a clock that only goes forward. */
  constructor(stage: string, now: () => number = () => performance.now()) {
    this.#stage = stage;
    this.#now = now;
  }

  /** @returns The event, or undefined where the last one is too recent. */
  update(done: number, total: number, unit: string, detail?: string): Progress | undefined {
    const at = this.#now();
    const work = `${unit} of ${total}`;
    const previous = this.#samples.at(-1);
    if (work !== this.#work || (previous !== undefined && done < previous.done)) {
      // Other work, or the next round of the same: its rate starts anew.
      this.#samples = [];
      this.#work = work;
    }
    this.#samples.push({ at, done });
    while (this.#samples.length > 2 && this.#samples[0].at < at - WINDOW) this.#samples.shift();
    if (at - this.#last < INTERVAL && done < total) return undefined;
    this.#last = at;
    const first = this.#samples[0];
    const rate = at > first.at ? (done - first.done) / (at - first.at) * 1000 : 0;
    const left = rate > 0 ? (total - done) / rate : null;
    return {
      type: "progress",
      stage: this.#stage,
      done,
      total,
      unit,
      ...(detail === undefined ? {} : { detail }),
      rate,
      left,
    };
  }
}
