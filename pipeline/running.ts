import { join } from "node:path";
import { isAtWork, tryLockFile } from "../base/lock.ts";
import { type Disk, realDisk } from "./disk.ts";
import { lockPath, runningLock } from "./store_names.ts";

/**
 * Says that a run is at work until this is given back or the process ends, however it does. Several
 * processes may work at runs of one name side by side.
 *
 * @param outputs Absolute path of the project's `outputs/`.
 * @param name The run's name.
 */
export function markRunning(outputs: string, name: string, disk: Disk = realDisk): Disposable {
  const path = markOf(outputs, name);
  while (true) {
    const lock = tryLockFile(path, { shared: true, disk });
    if (lock !== undefined) return lock;
    // Only in the moment in which isRunning or gc looks.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  }
}

/** Whether any process is at work at a run. */
export function isRunning(outputs: string, name: string): boolean {
  try {
    return isAtWork(markOf(outputs, name));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** The lock file of a run's name. */
function markOf(outputs: string, name: string): string {
  return lockPath(join(outputs, ".store"), runningLock(name));
}
