import { dirname } from "node:path";
import { type Lock, type LockDisk, LockLost, realLocks } from "./locks/disk.ts";
import { isFlocked, tryFlock } from "./locks/flock.ts";
import { type Holder, parseHolder } from "./locks/holder.ts";
import { chooseLocks } from "./locks/kind.ts";
import { isLeased, mayBeAtWork, tryLease } from "./locks/lease.ts";

export type { Lock, LockDisk };
export { LockLost, realLocks };

/** How a lock is taken. */
export interface LockOptions {
  /** Called once if somebody else has it, with their PID (null where it can't be read) and host, if another. */
  readonly onWait?: (pid: number | null, host?: string) => void;
  /** Gives up waiting. */
  readonly signal?: AbortSignal;
  /** Goes with other shared locks, and keeps exclusive ones out. */
  readonly shared?: boolean;
  readonly disk?: LockDisk;
}

/** Milliseconds between two tries for a lock that is taken. */
const POLL = 50;

/** The same between two looks at a lease, which the file server answers, at most. */
const SLOWEST_POLL = 1000;

/**
 * Takes the lock of a file, waiting for whoever holds it. The file stays when the lock is given
 * back; only {@linkcode removeLockFile} takes it away. Locks are the operating system's where those
 * keep out every host that sees the file, else leases ({@linkcode chooseLocks}).
 *
 * @param path The lock file; made where it is missing. It names its last holder.
 * @throws {DiskError} if the file system has no locks.
 */
export async function lockFile(path: string, options: LockOptions = {}): Promise<Lock> {
  const { onWait, signal, shared = false, disk = realLocks } = options;
  let pause = POLL;
  // Polling, not a blocking flock: that would hold a thread which no signal can end.
  for (let tries = 1;; tries++) {
    const lock = tryLockFile(path, { shared, disk });
    if (lock !== undefined) return lock;
    // At the first try its holder may not have signed yet, or may only have looked.
    if (tries === 2) {
      const holder = holderOf(path, disk);
      onWait?.(holder?.pid ?? null, holder?.host);
    }
    signal?.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, pause));
    if (chooseLocks(dirname(path), disk) === "lease") {
      pause = Math.min(SLOWEST_POLL, POLL + 1.5 * pause * Math.random());
    }
  }
}

/**
 * Takes the lock of a file if nobody has it.
 * @throws {DiskError} if the file system has no locks.
 */
export function tryLockFile(
  path: string,
  { shared = false, disk = realLocks }: Pick<LockOptions, "shared" | "disk"> = {},
): Lock | undefined {
  const folder = dirname(path);
  disk.makeFolder(folder);
  const lease = chooseLocks(folder, disk) === "lease";
  return lease ? tryLease(path, shared, disk) : tryFlock(path, shared, disk);
}

/**
 * Takes a lock file away, if nobody has it. Whoever opened it before finds that it is gone and makes
 * another ({@linkcode tryLockFile}).
 *
 * @returns Whether it is gone.
 */
export function removeLockFile(path: string, disk: LockDisk = realLocks): boolean {
  using lock = tryLockFile(path, { disk });
  lock?.remove();
  return lock !== undefined;
}

/**
 * Whether somebody holds a lock on a file that may or may not be there. Leaves no trace.
 * @param options.shared Shared locks do not count.
 */
export function isLocked(
  path: string,
  { shared = false, disk = realLocks }: Pick<LockOptions, "shared" | "disk"> = {},
): boolean {
  if (disk.stat(path) === undefined) return false;
  return isLeased(path, shared, disk) ||
    chooseLocks(dirname(path), disk) === "flock" && isFlocked(path, shared, disk);
}

/**
 * Whether somebody is at work who shares a lock, for people to read: whoever stopped without a word
 * less than ten minutes ago counts as at work.
 *
 * @param path Of a lock file that is there. Only looked at; need not be writable.
 */
export function isAtWork(path: string): boolean {
  const leases = mayBeAtWork(path, realLocks);
  if (leases !== undefined) return leases;
  using file = Deno.openSync(path, { read: true });
  return !file.tryLockSync(true);
}

/** PID in a lock file: who holds it, or who held it last. */
export function readHolder(path: string, disk: LockDisk = realLocks): number | null {
  return holderOf(path, disk)?.pid ?? null;
}

function holderOf(path: string, disk: LockDisk): Holder | null {
  try {
    return parseHolder(disk.readText(path));
  } catch {
    return null; // where other systems keep a locked file from being read
  }
}
