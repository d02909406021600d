import { dirname, join } from "node:path";
import { type Lock, type LockDisk, LockLost } from "./disk.ts";
import { hostName } from "./holder.ts";
import { Session } from "./session.ts";
import { sessionsOf } from "./kind.ts";
import { boundOf, isDead } from "./watch.ts";

/*
 * A lock of files alone, for file systems on which those of the operating system hold on one host
 * only. The lock PATH has a folder PATH.lease with
 *
 *   000000000007   a generation: a line with the session that took it, or `free`
 *   TOKEN.user     one who shares the lock
 *   TOKEN.new      the source of a link, for a moment
 *
 * The highest generation is who holds the lock alone. It is taken, given back and taken over by
 * linking the next one, and a name is never used twice: of all who try, the file server lets one
 * through. Who shares adds a file and then looks for a holder; who takes links and then looks for
 * users: at least one of the two sees the other. Each looks after a change of its own to the
 * folder, as a client of NFS then asks the server and does not answer from what it remembers.
 */

const FREE = "free\n";
/** Of a lock's folder. */
export const ENDING = ".lease";

/** What stands in a lock's folder. */
interface Look {
  /** Generations, lowest first. */
  readonly generations: readonly string[];
  readonly users: readonly string[];
}

/**
 * Takes the lease of a lock if nobody has it.
 * @param path In a folder that is there.
 */
export function tryLease(path: string, shared: boolean, disk: LockDisk): Lock | undefined {
  const session = Session.of(dirname(path), disk);
  let lock: Lock | undefined;
  try {
    const folder = folderOf(path);
    disk.makeFolder(folder);
    lock = shared ? tryShare(folder, session, disk) : tryTake(folder, session, disk);
    // As with flock, the file says who had it last, and when.
    if (lock !== undefined) disk.write(path, `${Deno.pid} ${hostName()}\n`);
    return lock;
  } catch (error) {
    lock?.release();
    if (error instanceof Deno.errors.NotFound) return undefined; // gc has removed the folder
    throw error;
  } finally {
    if (lock === undefined) session.leave();
  }
}

/** Whether somebody holds a lease, or may. @param shared Users do not count. */
export function isLeased(path: string, shared: boolean, disk: LockDisk): boolean {
  const folder = folderOf(path);
  const { generations, users } = look(folder, disk);
  if (holderOf(folder, generations, disk) !== undefined) return true;
  return !shared && users.some((name) => !isDeadFile(folder, name, disk));
}

/** Milliseconds by which the clocks of two hosts may differ where that only makes a word wrong. */
const SKEW = 600_000;

/**
 * Whether somebody seems to be at work who holds a lease or shares it, by the time at which they
 * renewed it last: for people to read, not to act upon. Undefined where nobody had leases.
 */
export function mayBeAtWork(path: string, disk: LockDisk): boolean | undefined {
  const folder = folderOf(path);
  if (disk.stat(folder) === undefined) return undefined;
  return sessionsAt(path, disk).some((id) => {
    const file = join(sessionsOf(dirname(path)), id);
    const age = Date.now() - (disk.stat(file)?.mtime ?? 0);
    return age < boundOf(disk.readText(file) ?? "") + SKEW;
  });
}

/** Sessions that hold a lease, or share it, whether they live or not. */
export function sessionsAt(path: string, disk: LockDisk): string[] {
  const folder = folderOf(path);
  const { generations, users } = look(folder, disk);
  return [...generations.slice(-1), ...users].flatMap((name) => {
    const text = disk.readText(join(folder, name));
    return text === undefined || text === FREE ? [] : [sessionOf(text)];
  });
}

function tryTake(folder: string, session: Session, disk: LockDisk): Lock | undefined {
  const before = look(folder, disk);
  if (holderOf(folder, before.generations, disk) !== undefined) return undefined;
  for (const name of before.users) {
    if (!isDeadFile(folder, name, disk)) return undefined;
    disk.remove(join(folder, name));
  }
  const token = newToken();
  const own = linkNext(folder, before.generations, `${session.id} ${token}\n`, disk);
  if (own === undefined) return undefined;
  const after = look(folder, disk);
  const strangers = after.generations.filter((name) =>
    name !== own && !before.generations.includes(name)
  );
  const place = join(folder, own);
  // Somebody was faster, or shares; or gc has emptied the folder and others have begun anew.
  if (strangers.length > 0 || after.users.length > 0 || !after.generations.includes(own)) {
    disk.remove(place);
    return undefined;
  }
  // From now on whoever held one of these sees that it is gone.
  for (const name of before.generations) disk.remove(join(folder, name));
  return lockOf(session, {
    token,
    folder,
    free() {
      linkNext(folder, [own], FREE, disk);
      disk.remove(place);
    },
    removeAll() {
      disk.remove(folder.slice(0, -ENDING.length));
      disk.remove(place);
      disk.removeEmpty(folder); // somebody may have come in the meantime
    },
    isHeld() {
      if (!disk.readText(place)?.includes(token)) return false;
      return look(folder, disk).generations.every((name) => name <= own);
    },
  });
}

function tryShare(folder: string, session: Session, disk: LockDisk): Lock | undefined {
  const token = newToken();
  const own = `${token}.user`;
  const file = join(folder, own);
  const leave = () => disk.remove(file);
  disk.write(file, `${session.id} ${token}\n`);
  const { generations, users } = look(folder, disk);
  const held = holderOf(folder, generations, disk) !== undefined;
  if (held || !users.includes(own)) {
    leave();
    return undefined;
  }
  const last = generations.at(-1);
  // A dead holder that wakes is to see that others have gone on.
  if (last !== undefined && disk.readText(join(folder, last)) !== FREE) {
    linkNext(folder, generations, FREE, disk);
    disk.remove(join(folder, last));
  }
  const isHeld = () => disk.readText(file) !== undefined;
  return lockOf(session, { token, folder, free: leave, removeAll: leave, isHeld });
}

interface Lease {
  readonly token: string;
  readonly folder: string;
  free(): void;
  removeAll(): void;
  isHeld(): boolean;
}

function lockOf(session: Session, { token, folder, free, removeAll, isHeld }: Lease): Lock {
  let open = true;
  const end = (how: () => void) => {
    if (!open) return;
    open = false;
    try {
      how();
    } finally {
      session.leave(release);
    }
  };
  const release = () => {
    try {
      end(free);
    } catch {
      // It is not renewed any more: others find that out later.
    }
  };
  session.join(release);
  const check = () => {
    session.renew();
    if (!isHeld()) throw new LockLost(`Another process has taken over ${folder}`);
  };
  return { token, release, check, remove: () => end(removeAll), [Symbol.dispose]: release };
}

function look(folder: string, disk: LockDisk): Look {
  const names = disk.list(folder).map(({ name }) => name);
  return {
    generations: names.filter((name) => /^\d{12}$/.test(name)).sort(),
    users: names.filter((name) => name.endsWith(".user")),
  };
}

/** The generation that holds a lock alone; undefined where the last one is free or dead. */
function holderOf(
  folder: string,
  generations: readonly string[],
  disk: LockDisk,
): string | undefined {
  const last = generations.at(-1);
  if (last === undefined) return undefined;
  const text = disk.readText(join(folder, last));
  // Gone since it was listed: somebody is at it.
  if (text === undefined) return last;
  if (text === FREE || isDead(lockFolder(folder), sessionOf(text), disk)) return undefined;
  return last;
}

function isDeadFile(folder: string, name: string, disk: LockDisk): boolean {
  const text = disk.readText(join(folder, name));
  return text !== undefined && isDead(lockFolder(folder), sessionOf(text), disk);
}

/** @returns the name of the next generation, undefined where somebody was faster. */
function linkNext(
  folder: string,
  generations: readonly string[],
  text: string,
  disk: LockDisk,
): string | undefined {
  const next = String(Number(generations.at(-1) ?? 0) + 1).padStart(12, "0");
  const source = join(folder, `${newToken()}.new`);
  disk.write(source, text);
  try {
    try {
      disk.hardLink(source, join(folder, next));
      return next;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined; // gc has removed the folder
      // The answer of an NFS server may be lost and the call come twice: the links count.
      if (disk.stat(source)?.links === 2) return next;
      if (error instanceof Deno.errors.AlreadyExists) return undefined;
      return createNext(join(folder, next), text, disk) ? next : undefined;
    }
  } finally {
    disk.remove(source);
  }
}

/** Where a file system has no hard links. A file that is still empty counts as taken. */
function createNext(path: string, text: string, disk: LockDisk): boolean {
  try {
    disk.writeNew(path, text);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  }
}

function folderOf(path: string): string {
  return path + ENDING;
}

/** The folder of locks that a lock's folder lies in. */
function lockFolder(folder: string): string {
  return dirname(folder);
}

function sessionOf(text: string): string {
  return text.trim().split(" ")[0];
}

function newToken(): string {
  return crypto.randomUUID().replaceAll("-", "").slice(0, 16);
}
