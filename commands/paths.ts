import { resolve } from "node:path";

/**
 * A path from the command line. `deno task` changes into the project's folder; a path means what it
 * means where the command was typed, or else in the project.
 */
export function fromCommandLine(path: string): string {
  const typed = resolve(Deno.env.get("INIT_CWD") ?? ".", path);
  return exists(typed) ? typed : resolve(path);
}

/** Whether there is anything at a path. Loading node:fs for its existsSync takes 15 ms. */
export function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
