import { join } from "node:path";
import { isLocked } from "../base/lock.ts";
import { ARTIFACT_FILE } from "./artifact.ts";
import { listFiles } from "./folder.ts";
import { linkedArtifacts } from "./linked.ts";
import type { Store } from "./store.ts";
import { buildLock, isStoreKind, lockPath, splitName, useLock } from "./store_names.ts";

/**
 * Why something could go: `artifact` (no run shows it), `unfinished` (the checkpoint of a stage that
 * was not finished), `leftover` (of a stage that was: a kill came before it was cleared), `aside`
 * (was damaged, or made way), `temporary` (a file that a kill kept from its name).
 */
export type UnusedWhat = "artifact" | "unfinished" | "leftover" | "aside" | "temporary";

/** Something in a project's outputs that no run shows and no process is at work on. */
export interface Unused {
  readonly what: UnusedWhat;
  /** Absolute path of the folder or file. */
  readonly path: string;
  /** Of an artifact, or of what was to become one. */
  readonly kind?: string;
  readonly key?: string;
  /** Bytes on the disk; a file that has several names counts here for its share. */
  readonly bytes: number;
  /** Milliseconds since 1970 at which it was last used or changed. */
  readonly used: number;
}

/** A temporary file has its name for milliseconds; one this old was left by a kill. */
const TEMPORARY_AGE = 600_000;

/**
 * Everything in a project's outputs that could be cleared away, what was not used for the longest
 * time first.
 *
 * @param store May be open for looking only.
 * @param outputs Absolute path of the project's `outputs/`.
 * @param options.olderThan Only what was not used for so many milliseconds.
 */
export function listUnused(
  store: Store,
  outputs: string,
  options: { olderThan?: number } = {},
): Unused[] {
  const linked = linkedArtifacts(store, outputs);
  const all = [
    ...listArtifacts(store).filter(({ kind, key }) => !linked.has(`${kind}/${key}`)),
    ...listScratch(store),
    ...listAside(store),
    ...listTemporary(store, outputs),
  ];
  const before = Date.now() - (options.olderThan ?? 0);
  return all
    .filter((each) => each.used <= before && !isInUse(store, each))
    .sort((a, b) => a.used - b.used);
}

/** Whether an artifact of this key is in place; it may be damaged. */
export function isPublished(store: Store, kind: string, key: string): boolean {
  return store.disk.stat(join(store.path, kind, key, ARTIFACT_FILE)) !== undefined;
}

/** What stands in scratch, also what is being made. */
export function listScratch(store: Store): Unused[] {
  const folder = join(store.path, "scratch");
  return store.disk.list(folder).flatMap(({ name }) => {
    const id = splitName(name);
    if (id === undefined) return [];
    const what = isPublished(store, id.kind, id.key) ? "leftover" : "unfinished";
    return [measured(store, what, join(folder, name), id)];
  });
}

function isInUse(store: Store, { what, kind, key }: Unused): boolean {
  if (kind === undefined || key === undefined) return false;
  const { disk, path } = store;
  if (isLocked(lockPath(path, buildLock(kind, key)), { disk })) return true;
  return what !== "leftover" && isLocked(lockPath(path, useLock(kind, key)), { disk });
}

function listArtifacts(store: Store): Unused[] {
  return store.disk.list(store.path)
    .filter(({ name, isDirectory }) => isDirectory && isStoreKind(name))
    .flatMap(({ name: kind }) =>
      store.disk.list(join(store.path, kind)).map(({ name: key }) => {
        const path = join(store.path, kind, key);
        const artifact = measured(store, "artifact", path, { kind, key });
        // Whoever uses it signs this lock.
        const lock = store.disk.stat(lockPath(store.path, useLock(kind, key)));
        return { ...artifact, used: Math.max(artifact.used, lock?.mtime ?? 0) };
      })
    );
}

function listAside(store: Store): Unused[] {
  const folder = join(store.path, "aside");
  return store.disk.list(folder).map(({ name }) => measured(store, "aside", join(folder, name)));
}

function listTemporary(store: Store, outputs: string): Unused[] {
  const { disk, path } = store;
  const inStore = [
    ...disk.list(path).map(({ name }) => join(path, name)),
    ...listFiles(disk, join(path, "memo")).map((name) => join(path, "memo", name)),
  ];
  const inRuns = disk.list(outputs)
    .map(({ name }) => join(outputs, name))
    .filter((folder) => folder !== path)
    .flatMap((folder) => listFiles(disk, folder).map((name) => join(folder, name)));
  const young = Date.now() - TEMPORARY_AGE;
  return [...inStore, ...inRuns]
    .filter((file) => /\.\d+\.tmp$/.test(file))
    .map((file) => measured(store, "temporary", file))
    .filter(({ used }) => used < young);
}

/** What something takes on the disk, and when it changed last. */
function measured(
  { disk }: Store,
  what: UnusedWhat,
  path: string,
  id: { kind?: string; key?: string } = {},
): Unused {
  const top = disk.linkStat(path);
  // A rename, to aside for one, shows in ctime alone.
  let used = Math.max(top?.mtime ?? 0, what === "aside" ? top?.ctime ?? 0 : 0);
  let bytes = 0;
  const files = top?.isFolder ? listFiles(disk, path).map((name) => join(path, name)) : [path];
  for (const file of files) {
    const stat = disk.linkStat(file);
    if (stat === undefined) continue; // gone in the meantime
    bytes += stat.size / Math.max(1, stat.links);
    if (what !== "aside") used = Math.max(used, stat.mtime);
  }
  return { what, path, ...id, bytes: Math.round(bytes), used };
}
