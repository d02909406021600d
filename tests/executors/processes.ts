import { join } from "node:path";

/** A process of this machine, from /proc. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  /** First 15 characters of the program's name. */
  readonly name: string;
  readonly state: string;
  readonly environment: string;
}

/** Processes that this user may look at. */
export function processes(): Process[] {
  return [...Deno.readDirSync("/proc")].flatMap(({ name: id }) => {
    if (!/^\d+$/.test(id)) return [];
    try {
      const stat = Deno.readTextFileSync(join("/proc", id, "stat"));
      const end = stat.lastIndexOf(")"); // a name may hold blanks and parentheses
      const [state, parent] = stat.slice(end + 2).split(" ");
      return [{
        pid: Number(id),
        parent: Number(parent),
        name: stat.slice(stat.indexOf("(") + 1, end),
        state,
        environment: `\0${Deno.readTextFileSync(join("/proc", id, "environ"))}`,
      }];
    } catch {
      return []; // it has ended meanwhile, or is another's
    }
  });
}

/** Sends a signal to a process that may have ended. */
export function signal(pid: number, name: Deno.Signal): void {
  try {
    Deno.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Waits until something is so. @throws with what it is instead, after some time. */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  instead: () => unknown | Promise<unknown> = () => "",
  seconds = 90,
): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!await isSo()) {
    if (Date.now() > end) throw new Error(`Not so after ${seconds} s: ${what}\n${await instead()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
