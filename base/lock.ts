import { dirname } from "node:path";
import { DiskError } from "./errors.ts";
import { at, isDiskError } from "./write_error.ts";

/** A lock held by the operating system: it goes with the process, however that ends. */
export interface Lock extends Disposable {
  release(): void;
}

/** An open lock file. */
export interface LockHandle {
  /** Identity of the file, whatever stands at its path now. 0 where the system has none. */
  readonly inode: number;
  /** @returns false where somebody else holds a lock that does not go with this one. */
  tryLock(exclusive: boolean): boolean;
  /** Overwrites the file with the PID of this process. */
  sign(): void;
  /** Gives the lock back. */
  close(): void;
}

/** The calls that locks make to the file system. */
export interface LockDisk {
  makeFolder(path: string): void;
  /** Opens a file that is there for its lock; makes it where it is missing. */
  openLock(path: string): LockHandle;
  /** Undefined where there is nothing. */
  stat(path: string): { readonly inode: number } | undefined;
  /** Undefined where there is nothing. */
  readText(path: string): string | undefined;
  remove(path: string): void;
}

/** How a lock is taken. */
export interface LockOptions {
  /** Called once if somebody else has it, with their PID (null where it can't be read). */
  readonly onWait?: (pid: number | null) => void;
  /** Gives up waiting. */
  readonly signal?: AbortSignal;
  /** Goes with other shared locks, and keeps exclusive ones out. */
  readonly shared?: boolean;
  readonly disk?: LockDisk;
}

/** Milliseconds between two tries for a lock that is taken. */
const POLL = 50;

/**
 * Takes the lock of a file, waiting for whoever holds it. The file stays when the lock is given
 * back; only {@linkcode removeLockFile} takes it away.
 *
 * @param path The lock file; made where it is missing. It holds the PID of its last holder.
 * @throws {DiskError} if the file system has no locks.
 */
export async function lockFile(path: string, options: LockOptions = {}): Promise<Lock> {
  const { onWait, signal, shared = false, disk = realLocks } = options;
  // Polling, not a blocking flock: that would hold a thread which no signal can end.
  for (let tries = 1;; tries++) {
    const lock = tryLockFile(path, { shared, disk });
    if (lock !== undefined) return lock;
    // At the first try its holder may not have signed yet, or may only have looked.
    if (tries === 2) onWait?.(readHolder(path, disk));
    signal?.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, POLL));
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
  disk.makeFolder(dirname(path));
  while (true) {
    const file = disk.openLock(path);
    let kept = false;
    try {
      if (!tryLock(file, path, !shared)) return undefined;
      // It may have been removed between the two: then others lock another file of that name.
      const there = disk.stat(path);
      const same = file.inode === 0 || there?.inode === file.inode;
      if (there === undefined || !same) continue;
      file.sign(); // at once: whoever waits is to find a PID whenever it looks
      kept = true;
      return lockOf(file);
    } finally {
      if (!kept) file.close();
    }
  }
}

/**
 * Takes a lock file away, if nobody has it. Whoever opened it before finds that it is gone and makes
 * another ({@linkcode tryLockFile}).
 *
 * @returns Whether it is gone.
 */
export function removeLockFile(path: string, disk: LockDisk = realLocks): boolean {
  using lock = tryLockFile(path, { disk });
  if (lock !== undefined) disk.remove(path);
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
  const file = disk.openLock(path);
  try {
    return !tryLock(file, path, !shared);
  } finally {
    file.close();
  }
}

/** PID in a lock file: who holds it, or who held it last. */
export function readHolder(path: string, disk: LockDisk = realLocks): number | null {
  try {
    const pid = Number.parseInt(disk.readText(path) ?? "", 10);
    return Number.isInteger(pid) ? pid : null;
  } catch {
    return null; // where other systems keep a locked file from being read
  }
}

function tryLock(file: LockHandle, path: string, exclusive: boolean): boolean {
  try {
    return file.tryLock(exclusive);
  } catch (cause) {
    // What else flock fails with (ENOLCK, ENOTSUP) says this; Deno has no name for some of it.
    if (isDiskError(cause)) throw cause;
    throw new DiskError(`Cannot lock ${path}: its file system has no locks`, {
      hint: "Without them two processes could spoil each other's files. Work on a local disk " +
        "(VITRINE_CACHE moves the cache).",
      cause,
    });
  }
}

function lockOf(file: LockHandle): Lock {
  let open = true;
  const release = () => {
    if (open) file.close();
    open = false;
  };
  return { release, [Symbol.dispose]: release };
}

function openLock(path: string): LockHandle {
  const file = Deno.openSync(path, { read: true, write: true, create: true });
  return {
    inode: file.statSync().ino ?? 0,
    tryLock: (exclusive) => at(path, () => file.tryLockSync(exclusive)),
    sign() {
      // Over what is there, so that the file is never seen empty.
      const holder = new TextEncoder().encode(`${Deno.pid}\n`);
      at(path, () => {
        file.writeSync(holder);
        file.truncateSync(holder.length);
      });
    },
    close: () => file.close(),
  };
}

function orMissing<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Locks on the file system of this machine. */
export const realLocks: LockDisk = {
  makeFolder: (path) => Deno.mkdirSync(path, { recursive: true }),
  openLock,
  stat: (path) => orMissing(() => ({ inode: Deno.statSync(path).ino ?? 0 })),
  readText: (path) => orMissing(() => Deno.readTextFileSync(path)),
  remove: (path) => void orMissing(() => Deno.removeSync(path)),
};
