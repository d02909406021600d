import { dirname, join } from "node:path";

/**
 * Says that a run is at work until this is given back or the process ends, however it does. Several
 * processes may work at runs of one name side by side.
 *
 * @param outputs Absolute path of the project's `outputs/`.
 * @param name The run's name.
 */
export function markRunning(outputs: string, name: string): Disposable {
  const path = markOf(outputs, name);
  Deno.mkdirSync(dirname(path), { recursive: true });
  const file = Deno.openSync(path, { read: true, write: true, create: true });
  file.lockSync(false); // waits at most for the moment in which isRunning looks
  return { [Symbol.dispose]: () => file.close() };
}

/** Whether any process is at work at a run. */
export function isRunning(outputs: string, name: string): boolean {
  try {
    using file = Deno.openSync(markOf(outputs, name), { read: true });
    return !file.tryLockSync(true);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** The file stays, as that of every lock does: see base/lock.ts. */
function markOf(outputs: string, name: string): string {
  return join(outputs, ".store", "locks", `running-${name.replaceAll("/", "+")}.lock`);
}
