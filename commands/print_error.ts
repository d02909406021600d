import { messageOf, UserError } from "../base/errors.ts";

/** Prints one to three lines; the stack trace only where it was asked for. */
export function printError(error: unknown, debug: boolean): void {
  console.error(messageOf(error));
  if (error instanceof UserError && error.hint) console.error(error.hint);
  if (debug && error instanceof Error) console.error(error.stack);
  else if (!(error instanceof UserError)) console.error("--debug shows where this came from");
}
