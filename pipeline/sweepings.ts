import { join } from "node:path";
import { removeLockFile, tryLockFile } from "../base/lock.ts";
import { linkedArtifacts } from "./linked.ts";
import type { Store } from "./store.ts";
import { buildLock, lockPath, runsOfLock, scratchPath, splitName, useLock } from "./store_names.ts";
import { isPublished, listScratch, type Unused } from "./unused.ts";

/** What {@linkcode removeUnused} did. */
export interface Swept {
  readonly removed: readonly Unused[];
  /** What has come into use since it was listed, or is gone already. */
  readonly kept: readonly Unused[];
}

/**
 * Removes what `listUnused` has found, but for what has come into use since: each is looked at again
 * while its locks are held, so that runs may be at work beside. A kill at any moment leaves nothing
 * half that would be believed.
 *
 * @param store Open for writing.
 * @param outputs Absolute path of the project's `outputs/`.
 */
export function removeUnused(store: Store, outputs: string, unused: readonly Unused[]): Swept {
  const removed: Unused[] = [];
  const kept: Unused[] = [];
  for (const each of unused) (remove(store, outputs, each) ? removed : kept).push(each);
  removeMemos(store);
  removeLocks(store, outputs);
  return { removed, kept };
}

/**
 * Clears what a kill between a stage's publishing and its tidying has left in scratch. Costs one
 * look at a folder where there is nothing.
 */
export function removeLeftovers(store: Store): void {
  for (const each of listScratch(store)) if (each.what === "leftover") remove(store, "", each);
}

function remove(store: Store, outputs: string, unused: Unused): boolean {
  const { disk } = store;
  const { what, path, kind, key } = unused;
  if (kind === undefined || key === undefined) {
    if (disk.linkStat(path) === undefined) return false;
    disk.remove(path);
    return true;
  }
  using build = tryLockFile(lockPath(store.path, buildLock(kind, key)), { disk });
  if (build === undefined) return false;
  if (disk.linkStat(path) === undefined) return false;
  if (what === "leftover") {
    if (!isPublished(store, kind, key)) return false;
    disk.remove(path);
    return true;
  }
  using use = tryLockFile(lockPath(store.path, useLock(kind, key)), { disk });
  if (use === undefined) return false;
  if (what === "unfinished") {
    disk.remove(path);
    return true;
  }
  // A run that has linked to it since held its lock while it did.
  if (linkedArtifacts(store, outputs).has(`${kind}/${key}`)) return false;
  // Out of its place in one step: a folder that is half removed would be called damaged.
  disk.remove(store.setAside(path, `${kind}-${key}`));
  return true;
}

/** Removes what was remembered of artifacts that are no longer there. */
function removeMemos(store: Store): void {
  const { disk } = store;
  const keys = new Set(
    disk.list(store.path).flatMap(({ name }) =>
      disk.list(join(store.path, name)).map(({ name }) => name)
    ),
  );
  const folder = join(store.path, "memo", "verified");
  for (const { name } of disk.list(folder)) {
    const key = /^([0-9a-f]{64})\.json$/.exec(name)?.[1];
    if (key !== undefined && !keys.has(key)) disk.remove(join(folder, name));
  }
}

/** Removes the lock files of artifacts and runs that are no longer there and that nobody makes. */
function removeLocks(store: Store, outputs: string): void {
  const { disk } = store;
  for (const { name } of disk.list(join(store.path, "locks"))) {
    const id = splitName(name);
    const places = id === undefined
      ? runsOfLock(name)?.map((run) => join(outputs, run))
      : [join(store.path, id.kind, id.key), scratchPath(store.path, id.kind, id.key)];
    const wanted = places?.some((place) => disk.linkStat(place) !== undefined) ?? true;
    if (!wanted) removeLockFile(lockPath(store.path, name), disk);
  }
}
