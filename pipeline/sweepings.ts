import { join } from "node:path";
import { removeLockFile, tryLockFile } from "../base/lock.ts";
import { linkedArtifacts } from "./linked.ts";
import type { Store } from "./store.ts";
import { buildLock, lockPath, runsOfLock, scratchPath, splitName, useLock } from "./store_names.ts";
import { isPublished, listScratch, type Unused } from "./unused.ts";

/** Artifacts that are locked at once, with two open files each; many systems let a process open 256. */
const AT_ONCE = 64;

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
  const gone = new Set(unused.filter((each) => each.what !== "artifact" && remove(store, each)));
  const artifacts = unused.filter(({ what }) => what === "artifact");
  for (let at = 0; at < artifacts.length; at += AT_ONCE) {
    const some = artifacts.slice(at, at + AT_ONCE);
    for (const each of removeArtifacts(store, outputs, some)) gone.add(each);
  }
  removeMemos(store);
  removeLocks(store, outputs);
  return {
    removed: unused.filter((each) => gone.has(each)),
    kept: unused.filter((each) => !gone.has(each)),
  };
}

/**
 * Clears what a kill between a stage's publishing and its tidying has left in scratch. Costs one
 * look at a folder where there is nothing.
 */
export function removeLeftovers(store: Store): void {
  for (const each of listScratch(store)) if (each.what === "leftover") remove(store, each);
}

/** Removes what is no artifact. @returns Whether it did. */
function remove(store: Store, { what, path, kind, key }: Unused): boolean {
  const { disk } = store;
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
  disk.remove(path);
  return true;
}

/**
 * Removes those artifacts that no run folder shows now and no process uses. The run folders are
 * walked through once, while the locks of all of them are held: a run that has linked to one since it
 * was listed held its lock while it did.
 *
 * @returns Those that are gone.
 */
function removeArtifacts(store: Store, outputs: string, artifacts: readonly Unused[]): Unused[] {
  const { disk } = store;
  using locks = new DisposableStack();
  const free = artifacts.filter(({ path, kind, key }) => {
    for (const name of [buildLock(kind!, key!), useLock(kind!, key!)]) {
      const lock = tryLockFile(lockPath(store.path, name), { disk });
      if (lock === undefined) return false;
      locks.use(lock);
    }
    return disk.linkStat(path) !== undefined;
  });
  if (free.length === 0) return [];
  const linked = linkedArtifacts(store, outputs);
  const unlinked = free.filter(({ kind, key }) => !linked.has(`${kind}/${key}`));
  for (const { path, kind, key } of unlinked) {
    // Out of its place in one step: a folder that is half removed would be called damaged.
    disk.remove(store.setAside(path, `${kind}-${key}`));
  }
  return unlinked;
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
