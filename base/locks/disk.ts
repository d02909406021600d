import { at } from "../write_error.ts";

/** A lock that goes with the process, however that ends. */
export interface Lock extends Disposable {
  /** Of lease files: its holder, as a word that no other has. */
  readonly token?: string;
  release(): void;
  /**
   * Sees that it is still held. The operating system's always is; a lease is not where its holder
   * stood still for so long that another process has taken it.
   *
   * @throws {LockLost}
   */
  check(): void;
  /** Takes the lock away that is held alone; whoever comes then makes another. */
  remove(): void;
}

/** Somebody else has taken over a lock, as its holder did not say in time that it lives. */
export class LockLost extends Error {
  override name = "LockLost";
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

/** What locks ask of a file's stat. */
export interface LockStat {
  readonly inode: number;
  /** Names that the file has on this disk. */
  readonly links: number;
  /** Milliseconds since 1970, by the clock of whoever keeps the disk. */
  readonly mtime: number;
}

/** The calls that locks make to the file system; those after `remove` are for lease files alone. */
export interface LockDisk {
  makeFolder(path: string): void;
  /** Opens a file that is there for its lock; makes it where it is missing. */
  openLock(path: string): LockHandle;
  /** Undefined where there is nothing. */
  stat(path: string): LockStat | undefined;
  /** Undefined where there is nothing. */
  readText(path: string): string | undefined;
  remove(path: string): void;
  /** Entries of a folder; none where it is missing. */
  list(path: string): { readonly name: string }[];
  write(path: string, text: string): void;
  /** @throws {Deno.errors.AlreadyExists} where something is at the path. */
  writeNew(path: string, text: string): void;
  /** Writes over the beginning of a file. @returns false where there is none. */
  overwrite(path: string, text: string): boolean;
  /** @throws {Deno.errors.AlreadyExists} where something is at `to`. */
  hardLink(from: string, to: string): void;
  /** Removes a folder if there is nothing in it. */
  removeEmpty(path: string): void;
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
  stat: (path) =>
    orMissing(() => {
      const { ino, nlink, mtime } = Deno.statSync(path);
      return { inode: ino ?? 0, links: nlink ?? 1, mtime: mtime?.getTime() ?? 0 };
    }),
  readText: (path) => orMissing(() => Deno.readTextFileSync(path)),
  remove: (path) => void orMissing(() => Deno.removeSync(path)),
  list: (path) => orMissing(() => [...Deno.readDirSync(path)]) ?? [],
  write: (path, text) => Deno.writeTextFileSync(path, text),
  writeNew: (path, text) => Deno.writeTextFileSync(path, text, { createNew: true }),
  overwrite(path, text) {
    const file = orMissing(() => Deno.openSync(path, { write: true }));
    if (file === undefined) return false;
    try {
      at(path, () => file.writeSync(new TextEncoder().encode(text)));
    } finally {
      file.close();
    }
    return true;
  },
  hardLink: (from, to) => Deno.linkSync(from, to),
  removeEmpty(path) {
    try {
      Deno.removeSync(path);
    } catch (error) {
      // Deno has a name for the one and a code for the other.
      const code = (error as { code?: string }).code ?? "";
      if (!["ENOENT", "ENOTEMPTY", "EEXIST", "EBUSY"].includes(code)) throw error;
    }
  },
};
