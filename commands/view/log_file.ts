import type { TimedEvent } from "../../pipeline/events.ts";
import { eventSchema } from "../../pipeline/event_schema.ts";

/** What was added to a log since it was last read. */
export interface News {
  /** Whether it is all that there is: at first, and where a new run began the file anew. */
  readonly whole: boolean;
  readonly events: readonly TimedEvent[];
}

/** So much is read at once. */
const CHUNK = 1 << 20;

/**
 * A run's `events.jsonl`, read as it grows. The file is held open, so that one that a new run put in
 * its place is told from it for certain.
 */
export class LogFile implements Disposable {
  readonly #path: string;
  #file: Deno.FsFile | undefined;
  #rest = "";
  #decoder = new TextDecoder();

  constructor(path: string) {
    this.#path = path;
  }

  /** Reads on. @returns undefined where there is no file, or no longer. */
  read(): News | undefined {
    const now = stat(this.#path);
    if (now === undefined) {
      this[Symbol.dispose]();
      return undefined;
    }
    const whole = !this.#isAt(now);
    if (whole) {
      this[Symbol.dispose]();
      this.#file = open(this.#path);
      if (this.#file === undefined) return undefined;
    }
    return { whole, events: parseEvents(this.#lines()) };
  }

  [Symbol.dispose](): void {
    this.#file?.close();
    this.#file = undefined;
    this.#rest = "";
    this.#decoder = new TextDecoder();
  }

  /** Whether the open file is still the one of that name, and has not been cut. */
  #isAt(now: Deno.FileInfo): boolean {
    if (this.#file === undefined) return false;
    const own = this.#file.statSync();
    const place = this.#file.seekSync(0, Deno.SeekMode.Current);
    return own.ino === now.ino && own.dev === now.dev && now.size >= place;
  }

  /** Lines that are whole; one that is still being written waits for the next time. */
  *#lines(): Generator<string> {
    const buffer = new Uint8Array(CHUNK);
    for (let read; (read = this.#file!.readSync(buffer)) !== null;) {
      const lines = (this.#rest + this.#decoder.decode(buffer.subarray(0, read), { stream: true }))
        .split("\n");
      this.#rest = lines.pop()!;
      yield* lines;
    }
  }
}

const PROGRESS = '"type":"progress"';

/**
 * The events in lines of a log. Of progress reports that follow each other only the last is taken: it
 * says all that the others said, and they are most of a log. Lines that are no events do not count.
 */
export function parseEvents(lines: Iterable<string>): TimedEvent[] {
  const events: TimedEvent[] = [];
  let last: string | undefined;
  const take = (line: string | undefined) => {
    const event = line === undefined ? undefined : parse(line);
    if (event !== undefined) events.push(event);
  };
  for (const line of lines) {
    const progress = line.includes(PROGRESS);
    if (!progress || (last !== undefined && stageIn(last) !== stageIn(line))) take(last);
    if (!progress) take(line);
    last = progress ? line : undefined;
  }
  take(last);
  return events;
}

function stageIn(line: string): string | undefined {
  return /"stage":"(?:[^"\\]|\\.)*"/.exec(line)?.[0];
}

function parse(line: string): TimedEvent | undefined {
  try {
    return eventSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

function stat(path: string): Deno.FileInfo | undefined {
  try {
    const found = Deno.statSync(path);
    return found.isFile ? found : undefined;
  } catch {
    return undefined;
  }
}

function open(path: string): Deno.FsFile | undefined {
  try {
    return Deno.openSync(path);
  } catch {
    return undefined;
  }
}
