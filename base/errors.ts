import { printable } from "./printable.ts";

/**
 * An error that a user can cause and mend. It is printed as it stands, without a stack trace.
 *
 * The message says what could not be done and with which values; `hint`, on a line of its own, says
 * what to do. Together they are one to three lines. What could upset a terminal is taken out: paths and
 * the words of parsers bring in what files hold.
 */
export class UserError extends Error {
  override name = "UserError";
  /** What to do about it, as one sentence. */
  readonly hint?: string;

  constructor(message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(readable(message), { cause: options.cause });
    this.hint = options.hint === undefined ? undefined : readable(options.hint);
  }
}

/**
 * An error of the disk that a user can mend: not a mistake in what was asked for, so that asking
 * again is right once it is mended.
 */
export class DiskError extends UserError {
  override name = "DiskError";
}

function readable(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

/** Thrown where work was asked to stop (Ctrl-C); what was done so far is in the checkpoint. */
export class Interrupted extends Error {
  override name = "Interrupted";

  constructor() {
    super("Interrupted");
  }
}

/** Why a fetch failed, without the address that its message begins with. */
export function networkReason(error: unknown): string {
  const cause = (error as { cause?: unknown } | null)?.cause;
  return messageOf(cause ?? error).replace(
    /^error sending request for url \(.*?\): (client error \(.*?\): )?/,
    "",
  );
}

/** Message and hint of any thrown value as one sentence, for where there is room for one line. */
export function sentenceOf(error: unknown): string {
  const hint = error instanceof UserError ? error.hint : undefined;
  // A hint begins with a verb: in the middle of a sentence its capital goes.
  return messageOf(error) + (hint ? `; ${hint[0].toLowerCase()}${hint.slice(1)}` : "");
}

/** The one sentence of any thrown value: its message, without the class name. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
