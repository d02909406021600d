import { basename, join } from "node:path";
import { listFiles } from "./folder.ts";
import type { Store } from "./store.ts";
import { splitName } from "./store_names.ts";

/** What a kill has left of files that were being written. */
const UNFINISHED = /\.(?:saving|tmp)$/;

/**
 * Makes the checkpoint of whoever worked at an artifact before that of who works at it now. Only for
 * the holder of the key's lock.
 *
 * A folder is moved as a whole, and what was being written in it is removed: one who stood still,
 * lost the lock and wakes finds no way by name to what it wrote, and a file that it has open still
 * is in no folder any more.
 *
 * @param to.path Folder in scratch of who works at it now. Others of the same key go.
 * @param to.fresh Nothing is kept.
 */
export function inheritScratch(
  { disk, path: store }: Pick<Store, "disk" | "path">,
  to: { kind: string; key: string; path: string; fresh?: boolean },
): void {
  const { kind, key, path, fresh = false } = to;
  const scratch = join(store, "scratch");
  const others = disk.list(scratch)
    .map(({ name }) => name)
    .filter((name) => name !== basename(path))
    .filter((name) => splitName(name)?.key === key && splitName(name)?.kind === kind)
    .map((name) => join(scratch, name));
  if (fresh) disk.remove(path);
  if (!fresh && others.length > 0) {
    const newest = [...others, path].map((folder) => ({ folder, time: savedAt(folder) }))
      .sort((a, b) => b.time - a.time)[0];
    if (newest.folder !== path && newest.time > 0) {
      disk.remove(path);
      disk.rename(newest.folder, path);
      const checkpoint = join(path, "checkpoint");
      for (const name of listFiles(disk, checkpoint)) {
        if (UNFINISHED.test(name)) disk.remove(join(checkpoint, name));
      }
    }
  }
  for (const other of others) disk.remove(other);

  /** When the last checkpoint was saved; 0 where there is none. */
  function savedAt(folder: string): number {
    const checkpoint = join(folder, "checkpoint");
    const names = listFiles(disk, checkpoint).filter((name) => !UNFINISHED.test(name));
    return Math.max(0, ...names.map((name) => disk.stat(join(checkpoint, name))?.mtime ?? 0));
  }
}
