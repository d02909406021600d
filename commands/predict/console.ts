import { isDiskFull } from "../../base/write_error.ts";
import { messageOf, UserError } from "../../base/errors.ts";
import type { EngineReport } from "../../engine/report.ts";
import { ProgressMeter } from "../../pipeline/progress.ts";
import { cut, formatProgress } from "../display/format.ts";
import { type Output, streamOutput } from "../display/output.ts";

/** Thrown where whoever reads the results has gone: `… | head`. */
export class ReaderGone extends Error {
  override name = "ReaderGone";
}

/**
 * Results on standard output, all else on standard error. On a terminal the last line of standard
 * error lives: it says how far the work is.
 */
export class Console implements EngineReport {
  readonly #errors: Output = streamOutput(Deno.stderr);
  readonly #meter = new ProgressMeter("predict");
  readonly #encoder = new TextEncoder();
  #alive = false;

  /**
   * Writes results, whole.
   * @throws {ReaderGone} if nobody reads them, {UserError} if they can't be written.
   */
  results(text: string): void {
    if (text === "") return;
    this.clear();
    const bytes = this.#encoder.encode(text);
    try {
      for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
    } catch (cause) {
      if (cause instanceof Deno.errors.BrokenPipe) throw new ReaderGone();
      const why = isDiskFull(cause) ? "the disk is full" : messageOf(cause);
      throw new UserError(`Cannot write the results: ${why}`, { cause });
    }
  }

  /** A line that stays. */
  line(text: string): void {
    this.clear();
    this.#errors.write(text + "\n");
  }

  /** Shows how far it is, where there is a terminal. */
  progress(done: number, total: number, unit: string, detail?: string): void {
    const columns = this.#errors.columns();
    if (columns === undefined) return;
    const event = this.#meter.update(done, total, unit, detail);
    if (event === undefined) return;
    this.clear();
    // One column less: a terminal may break a line that fills it.
    this.#errors.write(cut(formatProgress(event, columns - 1), columns - 1));
    this.#alive = true;
  }

  /** Takes the living line away. */
  clear(): void {
    if (this.#alive) this.#errors.write("\r\x1b[2K");
    this.#alive = false;
  }
}
