import { pause } from "./pause.ts";

/** A failure after which another attempt may succeed. */
export class Temporary extends Error {
  override name = "Temporary";
  /** Seconds that the server asks to wait. */
  readonly after?: number;

  constructor(message: string, options: { after?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.after = options.after;
  }
}

/** Milliseconds before the second attempt where the server asks for none; doubled each time. */
const FIRST_PAUSE = 300;
/** Seconds; a server that asks for more is not waited for. */
export const LONGEST_WAIT = 120;

/** How often to try, and whom to tell. */
export interface Persistence {
  readonly attempts: number;
  readonly signal?: AbortSignal;
  /** Told before a wait of more than a few seconds. */
  readonly warn?: (text: string) => void;
}

/**
 * Does something until it succeeds or fails for good. The work may call `advanced` when it got on:
 * attempts are then counted from there.
 *
 * @throws {Temporary} of the last attempt; any other error at once.
 */
export async function persist<T>(
  work: (advanced: () => void) => Promise<T>,
  { attempts, signal, warn }: Persistence,
): Promise<T> {
  for (let attempt = 1;; attempt++) {
    try {
      return await work(() => attempt = 0);
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof Temporary)) throw error;
      const seconds = error.after ?? FIRST_PAUSE * 2 ** (attempt - 1) / 1000;
      if (attempt >= attempts || seconds > LONGEST_WAIT) throw error;
      if (seconds > 3) warn?.(`${error.message}; the next attempt is in ${Math.ceil(seconds)} s`);
      await pause(seconds * 1000, signal);
    }
  }
}

/** Seconds that an answer asks to wait: `Retry-After`, a number or a date. */
export function retryAfter(headers: Headers): number | undefined {
  const text = headers.get("retry-after");
  if (text === null) return undefined;
  const seconds = /^\d+$/.test(text.trim()) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}
