import { join, resolve } from "node:path";
import { exists } from "../base/exists.ts";
import { projectOf } from "../pipeline/config.ts";

/**
 * A path from the command line. `deno task` changes into the project's folder; a path means what it
 * means where the command was typed, or else in the project.
 */
export function fromCommandLine(path: string): string {
  const typed = toWrite(path);
  return exists(typed) ? typed : resolve(path);
}

/** A path from the command line that is to be written: it is meant from where it was typed. */
export function toWrite(path: string): string {
  return resolve(Deno.env.get("INIT_CWD") ?? ".", path);
}

/** The project's `outputs/`; `deno task` changes into the project's folder, wherever it is typed. */
export function outputsFolder(): string {
  return join(projectOf(resolve("deno.json")), "outputs");
}
