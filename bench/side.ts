import { createInterface } from "node:readline/promises";
import { Readable } from "node:stream";
import { UserError } from "../base/errors.ts";
import { peakOf, watchPeak } from "./memory.ts";
import type { Ready, Work } from "./work.ts";

/** Something that does a row's work when it is told to, and is timed. */
export interface Side extends AsyncDisposable {
  /** What does it: "PyTorch 2.13.0, 2 threads". */
  readonly name: string;
  /** See {@linkcode Ready.check}. */
  readonly check: number | null;
  /** Seconds of the first time, which is not counted; null where there was none. */
  readonly first: number | null;
  /** Does the work so many times. @returns seconds of all. */
  measure(repeats: number): Promise<number>;
  /** Largest resident size of a process so far, bytes; null where the system does not say. */
  peak(): Promise<number | null>;
}

/** A process that stays and does its work at a word: bench/worker.ts or bench/worker.py. */
export class Worker implements Side {
  readonly name: string;
  readonly check: number | null;
  readonly first: number;
  readonly #child: Deno.ChildProcess;
  readonly #answers: AsyncIterator<string>;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;

  private constructor(ready: Ready, child: Deno.ChildProcess, answers: AsyncIterator<string>) {
    this.name = ready.name;
    this.check = ready.check;
    this.first = ready.seconds;
    this.#child = child;
    this.#answers = answers;
    this.#input = child.stdin.getWriter();
  }

  /**
   * Starts it, and waits until it has done the work once.
   * @param command The program and its first arguments; work, threads and `more` follow.
   * @throws {UserError} with the last lines that it printed, if it ends.
   */
  static async start(
    command: readonly string[],
    work: Work,
    threads: number,
    ...more: readonly string[]
  ): Promise<Worker> {
    const child = new Deno.Command(command[0], {
      args: [...command.slice(1), JSON.stringify(work), String(threads), ...more],
      // Hugging Face's hub is not asked about a model that is a folder.
      env: { HF_HUB_OFFLINE: "1", NO_COLOR: "1" },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const lines = createInterface({ input: Readable.fromWeb(child.stdout as never) });
    const answers = lines[Symbol.asyncIterator]();
    const said = lastLines(child.stderr);
    const first = await answers.next();
    if (first.done) {
      throw new UserError(`Cannot measure with ${command[0]}: it ended with "${await said}"`);
    }
    return new Worker(JSON.parse(first.value), child, answers);
  }

  async measure(repeats: number): Promise<number> {
    await this.#input.write(new TextEncoder().encode(`go ${repeats}\n`));
    const answer = await this.#answers.next();
    if (answer.done) throw new UserError(`Cannot go on: ${this.name} ended in the middle of a row`);
    return JSON.parse(answer.value).seconds;
  }

  peak(): Promise<number | null> {
    return Promise.resolve(peakOf(this.#child.pid));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input.close().catch(() => {});
    await this.#child.status;
  }
}

/** A command that does all its work anew each time it is started. */
export interface Job {
  readonly name: string;
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Puts things as they are before the command; not timed. */
  readonly before?: () => void;
  /** What seconds are multiplied by, where the whole work is that many of what is measured. */
  readonly times?: number;
  /** Takes a tenth of a second or so: memory is then looked at in a run of its own. */
  readonly short?: boolean;
}

/** A {@linkcode Job} as a side of a row. */
export class JobSide implements Side {
  readonly check = null;
  readonly first = null;
  readonly #job: Job;
  #peak: number | null = null;

  constructor(job: Job) {
    this.#job = job;
  }

  get name(): string {
    return this.#job.name;
  }

  async measure(repeats: number): Promise<number> {
    let seconds = 0;
    for (let i = 0; i < repeats; i++) {
      this.#job.before?.();
      seconds += await this.#run(this.#job.short ? undefined : 200);
    }
    return seconds * (this.#job.times ?? 1);
  }

  async peak(): Promise<number | null> {
    if (this.#job.short) await this.#run(5);
    return this.#peak;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  /** @param every Milliseconds between two looks at the memory. */
  async #run(every?: number): Promise<number> {
    const { command, cwd, env } = this.#job;
    const started = performance.now();
    const child = new Deno.Command(command[0], {
      args: command.slice(1),
      cwd,
      env: { NO_COLOR: "1", HF_HUB_OFFLINE: "1", ...env },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const watch = every === undefined ? undefined : watchPeak(child.pid, every);
    const said = lastLines(child.stderr);
    const { success } = await child.status;
    const seconds = (performance.now() - started) / 1000;
    const peak = watch?.stop() ?? null;
    if (peak !== null) this.#peak = Math.max(this.#peak ?? 0, peak);
    if (!success) {
      throw new UserError(`Cannot measure ${this.name}: ${command.join(" ")} failed`, {
        hint: await said,
      });
    }
    return seconds;
  }
}

/** The last two lines of a stream, an error and its hint, as far as one wants to read them. */
async function lastLines(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const part of stream.pipeThrough(new TextDecoderStream() as never)) {
    text = (text + part).slice(-2000);
  }
  return text.trim().split("\n").slice(-2).join(" ").slice(-400);
}
