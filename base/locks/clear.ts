import { join } from "node:path";
import type { LockDisk } from "./disk.ts";
import { chooseLocks, sessionsOf } from "./kind.ts";
import { ENDING, sessionsAt, tryLease } from "./lease.ts";
import { isDead } from "./watch.ts";

/**
 * Gives back what dead processes hold in a folder of locks, and removes their sessions: nobody
 * has to watch those again. Which are dead is known after `watchOthers`. One that stood still and
 * wakes finds that its leases are lost, and begins another session.
 */
export function clearDead(folder: string, disk: LockDisk): void {
  const sessions = sessionsOf(folder);
  const dead = new Set(
    disk.list(sessions).map(({ name }) => name).filter((id) => isDead(folder, id, disk)),
  );
  if (dead.size === 0 || chooseLocks(folder, disk) !== "lease") return;
  for (const { name } of disk.list(folder)) {
    if (!name.endsWith(ENDING)) continue;
    const path = join(folder, name.slice(0, -ENDING.length));
    const holders = () => sessionsAt(path, disk).filter((id) => dead.has(id));
    if (holders().length > 0) tryLease(path, false, disk)?.release();
    for (const id of holders()) dead.delete(id); // somebody alive shares it
  }
  for (const id of dead) disk.remove(join(sessions, id));
}
