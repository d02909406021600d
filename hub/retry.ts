import { pause } from "../base/pause.ts";
import { HubError } from "./errors.ts";

/** A failure after which another attempt may succeed. */
export class Temporary extends Error {
  override name = "Temporary";
  /** Seconds that the server asks to wait. */
  readonly after?: number;
  /** What to do where no attempt succeeds, a sentence without its end. */
  readonly advice: string;
  /** Whether there was no answer at all. */
  readonly unreachable: boolean;

  constructor(
    message: string,
    options: { after?: number; advice?: string; unreachable?: boolean; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.after = options.after;
    this.unreachable = options.unreachable ?? false;
    this.advice = options.advice ?? "Check the network, the proxy and HF_ENDPOINT";
  }
}

/** Milliseconds before the second attempt where the server asks for none; doubled each time. */
const FIRST_PAUSE = 300;
/** Seconds; a server that asks for more is not waited for. */
const LONGEST_WAIT = 120;

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
 * @throws {HubError} after the last attempt; any error but {@linkcode Temporary} at once.
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
      if (attempt >= attempts || seconds > LONGEST_WAIT) {
        const asked = error.after !== undefined && error.after > LONGEST_WAIT
          ? ` and asks to wait ${Math.ceil(error.after)} seconds`
          : "";
        throw new HubError(`${error.message}${asked}`, {
          hint: error.advice,
          unknownModel: error.unreachable,
          cause: error,
        });
      }
      if (seconds > 3) warn?.(`${error.message}; the next attempt is in ${Math.ceil(seconds)} s`);
      await pause(seconds * 1000, signal);
    }
  }
}
