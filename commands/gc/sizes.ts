import { join } from "node:path";

/** Bytes of files by their inode: one that has several names is on the disk once. */
export class DiskUse {
  readonly #files = new Map<string, { size: number; names: number; links: number }>();
  #freed = 0;
  #all = 0;

  /** Bytes of everything that was added. */
  get all(): number {
    return this.#all;
  }

  /** Bytes that the disk has more when all that was added is gone: other names keep a file there. */
  get freed(): number {
    return this.#freed;
  }

  /** Adds a file, or everything in a folder. */
  add(path: string): this {
    const stat = there(() => Deno.lstatSync(path));
    if (stat === undefined) return this;
    if (stat.isDirectory) {
      const names = there(() => [...Deno.readDirSync(path)]) ?? [];
      for (const { name } of names) this.add(join(path, name));
      return this;
    }
    const id = stat.ino === null ? path : `${stat.dev}:${stat.ino}`;
    const links = stat.ino === null ? 1 : stat.nlink ?? 1;
    const file = this.#files.get(id) ?? { size: stat.size, names: 0, links };
    if (file.names === 0) this.#all += file.size;
    file.names++;
    if (file.names === file.links) this.#freed += file.size;
    this.#files.set(id, file);
    return this;
  }
}

/** Undefined where it is gone in the meantime: a run is at work in the store. */
function there<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Bytes as people say them: `940 B`, `7.5 MB`, `1.2 GB`; units of 1,000. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let [value, unit] = [bytes, 0];
  while (value >= 999.5 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}
