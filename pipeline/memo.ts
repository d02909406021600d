import { relative, sep } from "node:path";
import { digestOf } from "../base/digest.ts";
import { type Disk, type FileStat, replaceFile } from "./disk.ts";

/**
 * Values that were worked out from files, kept until a file's stat changes. Only a cache: where it
 * is missing, cut or damaged the value is worked out again.
 *
 * On the disk: the SHA-256 of what follows, a line feed, then JSON `{ path: [stamp, value] }` with
 * paths relative to `root`, so that a project that is moved keeps them.
 */
export class Memo<Value> {
  readonly #disk: Disk;
  readonly #path: string;
  readonly #root: string;
  readonly #entries: Record<string, [stamp: string, value: Value]>;
  #changed = false;

  private constructor(
    disk: Disk,
    path: string,
    root: string,
    entries: Record<string, [string, Value]>,
  ) {
    this.#disk = disk;
    this.#path = path;
    this.#root = root;
    this.#entries = entries;
  }

  /**
   * @param path The file that keeps it.
   * @param root Folder that the paths of its entries start from.
   */
  static async open<Value>(disk: Disk, path: string, root: string): Promise<Memo<Value>> {
    const entries = await read(disk, path) as Record<string, [string, Value]>;
    return new Memo<Value>(disk, path, root, entries);
  }

  /** The value that was kept for a file, if the file's stat is as it was then. */
  get(path: string, stat: FileStat): Value | undefined {
    const entry = this.#entries[this.#name(path)];
    return entry?.[0] === stampOf(stat) ? entry[1] : undefined;
  }

  /** Keeps a value for a file whose stat was taken before the value was worked out. */
  set(path: string, stat: FileStat, value: Value): void {
    if (isYoung(stat)) return;
    this.#entries[this.#name(path)] = [stampOf(stat), value];
    this.#changed = true;
  }

  /** Forgets everything. */
  clear(): void {
    for (const name of Object.keys(this.#entries)) delete this.#entries[name];
    this.#changed = true;
  }

  /** Writes what is new. An error of the disk is swallowed: without the memo all is only slower. */
  async save(): Promise<void> {
    if (!this.#changed) return;
    this.#changed = false;
    const body = JSON.stringify(this.#entries);
    try {
      replaceFile(this.#disk, this.#path, `${await digestOf(body)}\n${body}`);
    } catch {
      // A cache that cannot be written is no reason to stop.
    }
  }

  #name(path: string): string {
    // The short way for most: `relative` is slow where there are thousands of files.
    if (path.startsWith(this.#root + sep)) return path.slice(this.#root.length + 1);
    return relative(this.#root, path);
  }
}

async function read(disk: Disk, path: string): Promise<Record<string, unknown>> {
  try {
    const text = disk.readText(path) ?? "";
    const end = text.indexOf("\n");
    const body = text.slice(end + 1);
    return end === 64 && text.slice(0, end) === await digestOf(body) ? JSON.parse(body) : {};
  } catch {
    return {};
  }
}

/** What of a stat shows that a file was changed. */
export function stampOf(stat: FileStat): string {
  return `${stat.size}:${stat.mtime}:${stat.ctime}:${stat.inode}`;
}

/**
 * Whether a file could be changed once more without its stat showing it: the clock of `mtime` ticks
 * in milliseconds here, that of `ctime` (which nobody can set back) in seconds. Large files are
 * trusted after 50 ms, as hashing them again is what the memo is there to spare.
 */
function isYoung(stat: FileStat): boolean {
  const now = Date.now();
  return now - stat.mtime < 50 || (stat.size < 1 << 20 && now - stat.ctime < 1000);
}
