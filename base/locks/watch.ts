import { join } from "node:path";
import type { LockDisk } from "./disk.ts";
import { sessionsOf } from "./kind.ts";
import { Session } from "./session.ts";

/** What this process saw of a session's file. */
interface Watch {
  readonly text: string;
  /** Milliseconds for which it was seen unchanged. */
  readonly unchanged: number;
  /** When it was looked at last, by this process's own clock, which only goes forward. */
  readonly at: number;
}

const watches = new Map<string, Watch>();

/** Bound of a session whose file does not say it, in milliseconds. */
const DEFAULT_BOUND = 60_000;

/**
 * Looks at a session once more. It is dead when its file was seen unchanged for as long as it allows
 * itself. Clocks of two hosts are never compared; and as this process or the file server may itself
 * stand still between two looks, none counts for more than a quarter of the bound.
 *
 * @param folder The folder of locks.
 * @param id The session's.
 * @param clock Milliseconds, for tests.
 */
export function isDead(
  folder: string,
  id: string,
  disk: LockDisk,
  clock: () => number = () => performance.now(),
): boolean {
  if (Session.isOwn(id)) return false;
  const path = join(sessionsOf(folder), id);
  const text = disk.readText(path) ?? ""; // gone: an end that is not orderly either
  const now = clock();
  const before = watches.get(path);
  const bound = boundOf(text);
  if (before?.text !== text) {
    watches.set(path, { text, unchanged: 0, at: now });
    return false;
  }
  const unchanged = before.unchanged + Math.min(now - before.at, bound / 4);
  watches.set(path, { text, unchanged, at: now });
  return unchanged >= bound;
}

/**
 * Watches the sessions of others until each was renewed or is dead.
 * @param onWait Told how many seconds that may take; not called where all live.
 */
export async function watchOthers(
  folder: string,
  disk: LockDisk,
  onWait: (seconds: number) => void,
): Promise<void> {
  const path = sessionsOf(folder);
  const texts = new Map(
    disk.list(path)
      .filter(({ name }) => !Session.isOwn(name))
      .map(({ name }) => [name, disk.readText(join(path, name)) ?? ""]),
  );
  if (texts.size === 0) return;
  const bound = Math.max(...[...texts.values()].map(boundOf));
  onWait(Math.ceil(1.1 * bound / 1000));
  while (texts.size > 0) {
    for (const [id, text] of texts) {
      const renewed = disk.readText(join(path, id)) !== text;
      if (renewed || isDead(folder, id, disk)) texts.delete(id);
    }
    if (texts.size > 0) await new Promise((resolve) => setTimeout(resolve, bound / 20));
  }
}

/** How long a session may go without renewal, in milliseconds. @param text Of its file. */
export function boundOf(text: string): number {
  const bound = Number(text.split(" ")[2]);
  return bound > 0 ? bound : DEFAULT_BOUND;
}
