import { resolve } from "node:path";
import { exists } from "../base/exists.ts";

/**
 * A path from the command line. `deno task` changes into the project's folder; a path means what it
 * means where the command was typed, or else in the project.
 */
export function fromCommandLine(path: string): string {
  const typed = resolve(Deno.env.get("INIT_CWD") ?? ".", path);
  return exists(typed) ? typed : resolve(path);
}
