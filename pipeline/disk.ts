import { dirname } from "node:path";
import { type LockDisk, realLocks } from "../base/lock.ts";
import { at } from "../base/write_error.ts";

export { explainDiskError } from "../base/write_error.ts";

/** What of a file's `stat` says whether it may have changed. */
export interface FileStat {
  readonly isFile: boolean;
  readonly isFolder: boolean;
  readonly isLink: boolean;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly mtime: number;
  /** Milliseconds since 1970; Deno rounds it down to whole seconds. */
  readonly ctime: number;
  readonly inode: number;
  /** Names that the file has on this disk. */
  readonly links: number;
}

/** A file that grows. */
export interface Log {
  write(text: string): void;
  close(): void;
}

/**
 * Every call by which the store touches the disk. There is one implementation; tests put another
 * around it to see what a full disk or a kill would leave.
 *
 * Short calls are synchronous (a `stat` costs 4 µs, its promise five times that); those whose time
 * grows with the file are not, so that Ctrl-C is seen.
 */
export interface Disk extends LockDisk {
  /** Undefined where there is nothing. Follows links. */
  stat(path: string): FileStat | undefined;
  /** Undefined where there is nothing. Does not follow links. */
  linkStat(path: string): FileStat | undefined;
  /** Undefined where there is nothing. */
  readBytes(path: string): Uint8Array<ArrayBuffer> | undefined;
  /** Entries of a folder; none where it is missing. */
  list(path: string): Deno.DirEntry[];
  /** Undefined where there is no link. */
  readLink(path: string): string | undefined;
  write(path: string, content: string | Uint8Array): void;
  rename(from: string, to: string): void;
  /** Removes a file or a whole folder; nothing there is no error. */
  remove(path: string): void;
  hardLink(from: string, to: string): void;
  symlink(target: string, path: string): void;
  copy(from: string, to: string): Promise<void>;
  /** Returns when a file's bytes, or a folder's entries, are on the disk itself. */
  sync(path: string): Promise<void>;
  /** A new file that grows line by line. */
  openLog(path: string): Log;
  /** SHA-256 of a file, in pieces of 1 MiB. @throws the signal's reason when it is aborted. */
  hash(path: string, signal?: AbortSignal): Promise<string>;
}

/** Undefined instead of an error where a path leads nowhere. */
function orMissing<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return undefined;
    }
    throw error;
  }
}

function toStat(info: Deno.FileInfo): FileStat {
  return {
    isFile: info.isFile,
    isFolder: info.isDirectory,
    isLink: info.isSymlink,
    size: info.size,
    mtime: info.mtime?.getTime() ?? 0,
    ctime: info.ctime?.getTime() ?? 0,
    inode: info.ino ?? 0,
    links: info.nlink ?? 1,
  };
}

/** The file system of this machine. */
export const realDisk: Disk = {
  stat: (path) => orMissing(() => toStat(Deno.statSync(path))),
  linkStat: (path) => orMissing(() => toStat(Deno.lstatSync(path))),
  readText: (path) => orMissing(() => Deno.readTextFileSync(path)),
  readBytes: (path) => orMissing(() => Deno.readFileSync(path)),
  list: (path) => orMissing(() => [...Deno.readDirSync(path)]) ?? [],
  readLink(path) {
    try {
      return Deno.readLinkSync(path);
    } catch {
      return undefined; // missing, or not a link
    }
  },
  write(path, content) {
    if (typeof content === "string") Deno.writeTextFileSync(path, content);
    else Deno.writeFileSync(path, content);
  },
  makeFolder: (path) => Deno.mkdirSync(path, { recursive: true }),
  rename: (from, to) => Deno.renameSync(from, to),
  remove: (path) => void orMissing(() => Deno.removeSync(path, { recursive: true })),
  hardLink: (from, to) => Deno.linkSync(from, to),
  symlink: (target, path) => Deno.symlinkSync(target, path),
  copy: (from, to) => Deno.copyFile(from, to),
  async sync(path) {
    // Windows opens no folders; there a rename is on the disk when it returns.
    if (Deno.build.os === "windows" && Deno.statSync(path).isDirectory) return;
    using file = await Deno.open(path);
    await at(path, () => file.sync());
  },
  openLock: realLocks.openLock,
  writeNew: realLocks.writeNew,
  overwrite: realLocks.overwrite,
  removeEmpty: realLocks.removeEmpty,
  openLog(path) {
    const file = Deno.openSync(path, { write: true, create: true, truncate: true });
    const encoder = new TextEncoder();
    return {
      write(text) {
        const bytes = encoder.encode(text);
        at(path, () => {
          for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
        });
      },
      close: () => file.close(),
    };
  },
  async hash(path, signal) {
    const { sha256File } = await import("../base/hash.ts"); // loads node:crypto
    return sha256File(path, signal);
  },
};

/**
 * Writes a file under a temporary name and renames it into place: a reader sees the old content or
 * the new. Not synced; for what can be made again.
 */
export function replaceFile(disk: Disk, path: string, content: string | Uint8Array): void {
  disk.makeFolder(dirname(path));
  const temporary = temporaryName(path);
  try {
    disk.write(temporary, content);
    disk.rename(temporary, path);
  } catch (error) {
    removeAfter(disk, temporary);
    throw error;
  }
}

/** Like {@linkcode replaceFile}, and on the disk itself when it returns. */
export async function replaceFileSynced(
  disk: Disk,
  path: string,
  content: string | Uint8Array,
): Promise<void> {
  const temporary = temporaryName(path);
  try {
    disk.write(temporary, content);
    await disk.sync(temporary);
    disk.rename(temporary, path);
  } catch (error) {
    removeAfter(disk, temporary);
    throw error;
  }
  await disk.sync(dirname(path));
}

/** A name for what is to be renamed to a path, of nobody else: processes of other hosts share PIDs. */
export function temporaryName(path: string): string {
  const [random] = crypto.getRandomValues(new Uint32Array(1));
  return `${path}.${Deno.pid}${String(random).padStart(10, "0")}.tmp`;
}

/** Cleans up after an error, which says more than one met in cleaning. */
function removeAfter(disk: Disk, path: string): void {
  try {
    disk.remove(path);
  } catch {
    // The first error is thrown.
  }
}
