import { clearDead } from "../base/locks/clear.ts";
import { describeLocks } from "../base/locks/kind.ts";
import { watchOthers } from "../base/locks/watch.ts";
import type { Store } from "./store.ts";
import { lockPath } from "./store_names.ts";

const told = new Set<string>();

/**
 * How a store is locked, where that is not by flock as on every local disk; undefined where nothing
 * is to be said, or it was said in this process. The folder of locks must be there.
 */
export function noteOfLocks({ path, disk }: Pick<Store, "path" | "disk">): string | undefined {
  if (told.has(path)) return undefined;
  told.add(path);
  const note = describeLocks(lockPath(path, ""), disk);
  return note && `locks: ${note}`;
}

/**
 * Finds out which of the processes that hold leases in a store are dead: what those held counts as
 * free after it, for this process. Returns at once where nobody else holds any.
 *
 * @param onWait Told how many seconds that may take.
 */
export async function findDead(
  { path, disk }: Pick<Store, "path" | "disk">,
  onWait: (seconds: number) => void,
): Promise<void> {
  await watchOthers(lockPath(path, ""), disk, onWait);
}

/** Removes what those have left of whom {@linkcode findDead} has found that they are dead. */
export function clearLocks({ path, disk }: Pick<Store, "path" | "disk">): void {
  clearDead(lockPath(path, ""), disk);
}
