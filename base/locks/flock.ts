import { DiskError } from "../errors.ts";
import { isDiskError } from "../write_error.ts";
import type { Lock, LockDisk, LockHandle } from "./disk.ts";

/**
 * Takes the operating system's lock of a file if nobody has it.
 *
 * @param path In a folder that is there.
 * @throws {DiskError} if the file system has no locks.
 */
export function tryFlock(path: string, shared: boolean, disk: LockDisk): Lock | undefined {
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
      return lockOf(file, () => disk.remove(path));
    } finally {
      if (!kept) file.close();
    }
  }
}

/** Whether somebody holds a lock on a file that may or may not be there. Leaves no trace. */
export function isFlocked(path: string, shared: boolean, disk: LockDisk): boolean {
  if (disk.stat(path) === undefined) return false;
  const file = disk.openLock(path);
  try {
    return !tryLock(file, path, !shared);
  } finally {
    file.close();
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
        "(VITRINE_CACHE moves the cache), or set VITRINE_LOCKS=lease on all hosts.",
      cause,
    });
  }
}

function lockOf(file: LockHandle, remove: () => void): Lock {
  let open = true;
  const release = () => {
    if (open) file.close();
    open = false;
  };
  return { release, check() {}, remove, [Symbol.dispose]: release };
}
