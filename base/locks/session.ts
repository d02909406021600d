import { join } from "node:path";
import { type LockDisk, LockLost } from "./disk.ts";
import { sessionsOf } from "./kind.ts";
import { hostName, renewal } from "./holder.ts";

/**
 * Milliseconds without renewal after which the leases of a process are free for others, by
 * `VITRINE_LEASE` in seconds. The holder's counts: it stands in its file.
 */
function ownBound(): number {
  const seconds = Number(Deno.env.get("VITRINE_LEASE") || 60);
  return Math.max(0.2, Number.isFinite(seconds) ? seconds : 60) * 1000;
}

/** Renewals within the bound. */
const RENEWALS = 12;

/** Milliseconds after which a thread of its own renews; work that is shorter does without. */
const WORKER_AFTER = 250;

/** The sessions of this process, by folder of locks. */
const sessions = new Map<string, Session>();

/**
 * The time in which a process holds leases in a folder of locks. It renews one small file,
 * `.leases/ID`, for all of them.
 */
export class Session {
  /** A word that no other session has. */
  readonly id: string = crypto.randomUUID().replaceAll("-", "").slice(0, 20);
  readonly #folder: string;
  readonly #disk: LockDisk;
  readonly #path: string;
  readonly #bound = ownBound();
  #leases = new Set<() => void>();
  #renewals = 0;

  private constructor(folder: string, disk: LockDisk) {
    this.#folder = folder;
    this.#disk = disk;
    this.#path = join(sessionsOf(folder), this.id);
  }

  /** The session of this process in a folder of locks, begun where there is none. */
  static of(folder: string, disk: LockDisk): Session {
    const known = sessions.get(folder);
    // Others who held this process for dead may have cleared it away.
    if (known !== undefined && disk.stat(known.#path) !== undefined) return known;
    const session = new Session(folder, disk);
    disk.makeFolder(sessionsOf(folder));
    disk.write(session.#path, session.#text());
    sessions.set(folder, session);
    renewer.add(session.#path, session.#head(), session.#bound / RENEWALS);
    return session;
  }

  /** Whether a session is one of this process. */
  static isOwn(id: string): boolean {
    return sessions.values().some((session) => session.id === id);
  }

  /** Counts a lease. @param release Called where the process ends before the lease is given back. */
  join(release: () => void): void {
    this.#leases.add(release);
  }

  /** Counts a lease as given back, or as not had; with the last one the session ends. */
  leave(release?: () => void): void {
    if (release !== undefined) this.#leases.delete(release);
    if (this.#leases.size > 0) return;
    this.#forget();
    renewer.remove(this.#path);
    try {
      this.#disk.remove(this.#path);
    } catch {
      // It is not renewed any more: that says the same, later.
    }
  }

  /** Renews at once. @throws {LockLost} if others hold this process for dead. */
  renew(): void {
    if (this.#disk.overwrite(this.#path, this.#text())) return;
    this.#forget(); // leases that are taken from now on are another session's
    throw new LockLost(`Another process has cleared away ${this.#path}, which was not renewed`);
  }

  /** Gives back all leases of this process. */
  static endAll(): void {
    for (const session of [...sessions.values()]) {
      for (const release of [...session.#leases]) release();
    }
  }

  #forget(): void {
    if (sessions.get(this.#folder) === this) sessions.delete(this.#folder);
  }

  #head(): string {
    return `${Deno.pid} ${hostName()} ${Math.round(this.#bound)}`;
  }

  #text(): string {
    return renewal(this.#head(), "m", ++this.#renewals);
  }
}

/** Lets a worker renew: operations of the native engine block the main thread for many seconds. */
const renewer = {
  files: new Map<string, { head: string; every: number }>(),
  timer: undefined as ReturnType<typeof setTimeout> | undefined,
  worker: undefined as Worker | undefined,

  add(path: string, head: string, every: number): void {
    this.files.set(path, { head, every });
    if (this.worker !== undefined) this.worker.postMessage({ path, head, every });
    else this.timer ??= setTimeout(() => this.start(), Math.min(WORKER_AFTER, every));
  },

  start(): void {
    this.timer = undefined;
    this.worker = new Worker(new URL("./renew_worker.ts", import.meta.url).href, {
      type: "module",
      name: "leases",
    });
    for (const [path, file] of this.files) this.worker.postMessage({ path, ...file });
  },

  remove(path: string): void {
    this.files.delete(path);
    if (this.files.size > 0) return this.worker?.postMessage({ path });
    clearTimeout(this.timer);
    this.timer = undefined;
    this.worker?.terminate();
    this.worker = undefined;
  },
};

// Deno.exit comes here, and so does the end of the program; a kill does not.
globalThis.addEventListener("unload", () => Session.endAll());
