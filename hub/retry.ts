import {
  LONGEST_WAIT,
  persist as persistAnyhow,
  type Persistence,
  Temporary as AnyTemporary,
} from "../base/retry.ts";
import { HubError } from "./errors.ts";

/** A failure after which another attempt may succeed. */
export class Temporary extends AnyTemporary {
  /** What to do where no attempt succeeds, a sentence without its end. */
  readonly advice: string;
  /** Whether there was no answer at all. */
  readonly unreachable: boolean;

  constructor(
    message: string,
    options: { after?: number; advice?: string; unreachable?: boolean; cause?: unknown } = {},
  ) {
    super(message, options);
    this.unreachable = options.unreachable ?? false;
    this.advice = options.advice ?? "Check the network, the proxy and HF_ENDPOINT";
  }
}

/**
 * Does something until it succeeds or fails for good. The work may call `advanced` when it got on:
 * attempts are then counted from there.
 *
 * @throws {HubError} after the last attempt; any error but {@linkcode Temporary} at once.
 */
export async function persist<T>(
  work: (advanced: () => void) => Promise<T>,
  persistence: Persistence,
): Promise<T> {
  try {
    return await persistAnyhow(work, persistence);
  } catch (error) {
    if (!(error instanceof Temporary)) throw error;
    const asked = error.after !== undefined && error.after > LONGEST_WAIT
      ? ` and asks to wait ${Math.ceil(error.after)} seconds`
      : "";
    throw new HubError(`${error.message}${asked}`, {
      hint: error.advice,
      unknownModel: error.unreachable,
      cause: error,
    });
  }
}
