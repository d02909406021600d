import { join } from "node:path";
import { printable } from "../base/printable.ts";
import { type Disk, replaceFile } from "./disk.ts";

/** Files outside the store: the name and the digest of each. */
export type Listing = readonly (readonly [name: string, digest: string])[];

/** So many listings of one folder are kept: enough to say what changed since the last runs. */
const MOST_KEPT = 4;
/** So many names are said of those that changed. */
const MOST_NAMES = 3;

/**
 * Keeps what a digest in a key stands for, so that it can be said later which files changed. Only
 * for words: where it is missing, or can't be written, less is said.
 *
 * @param store Folder of the store.
 * @param place Stands for the folder that the files are in: letters and digits.
 */
export function keepListing(
  disk: Disk,
  store: string,
  place: string,
  digest: string,
  listing: Listing,
): void {
  const folder = join(store, "memo", "listings");
  const path = join(folder, `${place}-${digest}.json`);
  try {
    if (disk.linkStat(path) !== undefined) return;
    replaceFile(disk, path, JSON.stringify(listing));
    const others = disk.list(folder)
      .filter(({ name }) => name.startsWith(`${place}-`))
      .map(({ name }) => ({ name, time: disk.linkStat(join(folder, name))?.mtime ?? 0 }))
      .sort((a, b) => b.time - a.time);
    for (const { name } of others.slice(MOST_KEPT)) disk.remove(join(folder, name));
  } catch {
    // A full disk is told by whoever needs it.
  }
}

/** What {@linkcode keepListing} kept of a digest; undefined where it has nothing. */
export function readListing(disk: Disk, store: string, digest: string): Listing | undefined {
  const folder = join(store, "memo", "listings");
  const file = disk.list(folder).find(({ name }) => name.endsWith(`-${digest}.json`));
  try {
    return file && JSON.parse(disk.readText(join(folder, file.name)) ?? "");
  } catch {
    return undefined;
  }
}

/**
 * Which files changed, a sentence for those that were added, removed and changed.
 * @param place What the folder is called.
 */
export function sayFiles(before: Listing, after: Listing, place: string): string[] {
  const [was, is] = [new Map(before), new Map(after)];
  const added = [...is.keys()].filter((name) => !was.has(name));
  const removed = [...was.keys()].filter((name) => !is.has(name));
  const changed = [...is].filter(([name, digest]) => (was.get(name) ?? digest) !== digest)
    .map(([name]) => name);
  const say = (names: readonly string[], one: string, many: string) => {
    if (names.length === 0) return [];
    const what = names.length === 1
      ? `1 file of ${place} ${one}`
      : `${names.length} files of ${place} ${many}`;
    const more = names.length - MOST_NAMES;
    const shown = names.slice(0, MOST_NAMES).map(printable).join(", ");
    return [`${what}: ${shown}${more > 0 ? ` and ${more} more` : ""}`];
  };
  return [
    ...say(added, "was added", "were added"),
    ...say(removed, "was removed", "were removed"),
    ...say(changed, "changed", "changed"),
  ];
}
