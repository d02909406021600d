import { UserError } from "../../base/errors.ts";
import { ConfigProblems } from "../../pipeline/problems.ts";
import type { Damaged } from "./subject.ts";

/** Longest line of an error, in characters, without the paths in it. */
const LONGEST_LINE = 300;
/** Lines of the first four problems of a config, each with its excerpt, and of the count. */
const CONFIG_LINES = 4 * 3 + 1;

/** What a person would see. */
export function printed(error: UserError): string {
  return error.hint === undefined ? error.message : `${error.message}\n${error.hint}`;
}

/**
 * What is wrong with an error as an answer to a damaged file; undefined where nothing is: it is one
 * that users are meant to see, of one to three lines that name the file and can be read.
 */
export function faultOf(error: unknown, { names }: Damaged): string | undefined {
  if (!(error instanceof UserError)) {
    return `not a UserError: ${error instanceof Error ? error.stack : String(error)}`;
  }
  const text = printed(error);
  const lines = text.split("\n");
  const fault = (what: string) => `${what}: ${text.slice(0, 2000)}`;
  const most = error instanceof ConfigProblems ? CONFIG_LINES : 3;
  if (lines.length > most) return fault(`${lines.length} lines`);
  if (lines.some((line) => line.trim() === "")) return fault("an empty line");
  const paths = names.reduce((rest, name) => rest.replaceAll(name, "FILE"), text).split("\n");
  const longest = Math.max(...paths.map((line) => line.length));
  if (longest > LONGEST_LINE) return fault(`a line of ${longest} characters`);
  if (!names.some((name) => text.includes(name))) return fault("does not name the file");
  const junk = /\bundefined\b|\[object |\bat .+:\d+:\d+\)?$|\bNaN\b.*expected|\{"?code"?:/m.exec(
    text,
  );
  if (junk) return fault(`junk (${junk[0]})`);
  // deno-lint-ignore no-control-regex -- they are what is looked for
  const control = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/
    .exec(text);
  if (control) return fault(`the character U+${control[0].charCodeAt(0).toString(16)}`);
  if (!text.isWellFormed()) return fault("half a character");
}
