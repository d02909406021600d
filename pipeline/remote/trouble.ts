import { sentenceOf, UserError } from "../../base/errors.ts";
import { Temporary } from "../../base/retry.ts";

/** What a shared store is asked for. */
export type Direction = "read" | "write";

/** Milliseconds for which a store that did not answer is not asked again; doubled each time. */
const FIRST_REST = 60_000;
const LONGEST_REST = 15 * 60_000;

/**
 * What went wrong with a shared store, so that a run does not wait for it at every artifact: one that
 * did not answer rests for a while, one that refuses is not asked again. Kept for all runs of a
 * process.
 */
export class Trouble {
  readonly #now: () => number;
  readonly #refused = new Set<Direction>();
  #failures = 0;
  #until = -Infinity;

  /** @param now Milliseconds of a clock that only goes forward. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Whether it is worth asking. */
  ready(direction: Direction): boolean {
    return !this.#refused.has(direction) && this.#now() >= this.#until;
  }

  /** It answered. */
  fine(): void {
    this.#failures = 0;
  }

  /**
   * Notes a failure.
   * @returns What to tell, if it was not told yet.
   * @throws what is no failure of the store.
   */
  note(error: unknown, direction: Direction): string | undefined {
    const what = direction === "read" ? "Nothing is fetched from it" : "Nothing is put there";
    if (error instanceof Temporary) {
      const rest = Math.min(LONGEST_REST, FIRST_REST * 2 ** this.#failures++);
      this.#until = this.#now() + rest;
      const minutes = Math.round(rest / 60_000);
      return `${error.message}. The run goes on without the shared store, and asks it again after ` +
        `${minutes} minute${minutes === 1 ? "" : "s"}.`;
    }
    // What goes wrong in putting, on this machine too, takes nothing from what was made.
    if (!(error instanceof UserError) && direction === "read") throw error;
    const told = this.#refused.has(direction);
    this.#refused.add(direction);
    return told ? undefined : `${sentenceOf(error).replace(/\.$/, "")}. ${what}.`;
  }
}
