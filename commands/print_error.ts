import { messageOf, UserError } from "../base/errors.ts";
import { asTyped } from "./typed.ts";

/** Prints one to three lines; the stack trace only where it was asked for. */
export function printError(error: unknown, debug: boolean): void {
  console.error(asTyped(messageOf(error)));
  if (error instanceof UserError && error.hint) console.error(asTyped(error.hint));
  if (debug && error instanceof Error) console.error(error.stack);
  else if (!(error instanceof UserError)) console.error("--debug shows where this came from");
}
