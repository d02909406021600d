import { Interrupted, UserError } from "../base/errors.ts";
import { type Lock, LockLost } from "../base/lock.ts";
import type { Report } from "../stages/stage.ts";
import type { StoredArtifact } from "./artifact.ts";
import { explainDiskError } from "./disk.ts";
import { keyOf, type KeyRecord } from "./key.ts";
import type { Found, Made, Scratch, Store } from "./store.ts";
import type { SharedStore } from "./remote/shared_store.ts";
import { buildLock } from "./store_names.ts";

/** What a record counts was changed while the work went on: nothing that it left is to be used. */
export class ChangedMeanwhile extends UserError {
  override name = "ChangedMeanwhile";
}

/** How {@linkcode obtain} tells what it does, and how it makes what is not there. */
export interface Builder {
  /** What is being made, to follow "Cannot publish". */
  readonly what: string;
  /** Makes it anew even where it is there, and from the beginning. */
  readonly force?: boolean;
  readonly signal: AbortSignal;
  /** Somebody else makes it: their PID, and host if another. */
  readonly onWait: (pid: number | null, host?: string) => void;
  readonly warn: (text: string) => void;
  /** Where artifacts are shared with other machines. */
  readonly shared?: SharedStore;
  /** Told how much of it is fetched from there, or put there. */
  readonly progress: Report["progress"];
  /**
   * Writes the output, and says how it was made. Called again where the lock was lost meanwhile and
   * who took it did not finish.
   *
   * @param damaged What was wrong with the artifact that was there, if one was.
   */
  build(scratch: Scratch, damaged: string | undefined): Promise<Made>;
}

/** An artifact, and how it came to be in this machine's store. */
export interface Obtained {
  readonly artifact: StoredArtifact;
  readonly how: "found" | "fetched" | "built";
}

/**
 * Gets an artifact from the store, from the one that is shared, or makes it. However many processes
 * ask, one does and the others wait. What was not fetched is offered to the shared store, when those
 * who wait have it already.
 */
export async function obtain(
  store: Store,
  record: KeyRecord,
  builder: Builder,
): Promise<Obtained> {
  const obtained = await findOrMake(store, record, builder);
  if (obtained.how !== "fetched") {
    await builder.shared?.offer(obtained.artifact, {
      ...transferOf(builder, "to the shared store"),
      anew: builder.force && obtained.how === "built",
    });
  }
  return obtained;
}

async function findOrMake(store: Store, record: KeyRecord, builder: Builder): Promise<Obtained> {
  const key = await keyOf(record);
  const { kind } = record;
  const { signal } = builder;
  await store.use(kind, key, signal);
  while (true) {
    if (!builder.force) {
      const found = await store.find(kind, key, signal);
      if (found.state === "whole") return { artifact: found.artifact, how: "found" };
    }
    using lock = await store.lock(buildLock(kind, key), { onWait: builder.onWait, signal });
    try {
      return await obtainLocked(store, record, lock, builder);
    } catch (error) {
      if (signal.aborted || !(error instanceof LockLost || isLost(lock))) throw error;
      builder.warn(
        `This process stood still for so long that another has begun to make ${builder.what}; it is waited for.`,
      );
    }
  }
}

/**
 * The same for whoever holds the lock of the artifact.
 * @throws {LockLost} if it stood still for so long that another has the lock now.
 */
export async function obtainLocked(
  store: Store,
  record: KeyRecord,
  lock: Lock,
  builder: Omit<Builder, "onWait">,
): Promise<Obtained> {
  const key = await keyOf(record);
  const { kind } = record;
  const { signal } = builder;
  const found: Found = builder.force ? { state: "missing" } : await store.find(kind, key, signal); // whoever held the lock may have made it
  if (found.state === "whole") return { artifact: found.artifact, how: "found" };
  let damaged: string | undefined;
  if (found.state === "damaged") {
    damaged = found.why;
    const place = store.setAside(store.place(kind, key), `${kind}-${key}`);
    builder.warn(
      `The artifact of ${builder.what} was damaged (${found.why}). It was moved to ${place} and is made again.`,
    );
  }
  // A lease may be lost between the last look and the rename: then what others made stays.
  const keep = lock.token !== undefined && !builder.force;
  if (builder.shared !== undefined && !builder.force) {
    const transfer = transferOf(builder, "from the shared store");
    const fetched = await builder.shared.fetch(record, key, { ...transfer, lock, keep }).catch(
      (error) => {
        throw error instanceof LockLost ? error : explainDiskError(error, `fetch ${builder.what}`);
      },
    );
    if (fetched !== undefined) return { artifact: fetched, how: "fetched" };
  }
  const { force: fresh, warn } = builder;
  const scratch = store.openScratch(kind, key, { fresh, lock, warn });
  try {
    const made = await builder.build(scratch, damaged);
    if (signal.aborted) throw new Interrupted();
    const options = { signal, lock, keep };
    return { artifact: await store.publish(record, scratch.output, made, options), how: "built" };
  } catch (error) {
    if (isLost(lock)) throw error; // scratch belongs to who has the lock now
    discard(store, kind, key, { all: error instanceof ChangedMeanwhile, lock });
    throw error instanceof LockLost ? error : explainDiskError(error, `publish ${builder.what}`);
  }
}

function isLost(lock: Lock): boolean {
  try {
    lock.check();
    return false;
  } catch (error) {
    return error instanceof LockLost; // else the disk is to be blamed, and by the error at hand
  }
}

function transferOf({ signal, warn, progress }: Omit<Builder, "onWait">, where: string) {
  return {
    signal,
    warn,
    progress: (done: number, total: number) => progress(done, total, "bytes", where),
  };
}

/** Cleans up after an error, which says more than one met in cleaning. */
function discard(
  store: Store,
  kind: string,
  key: string,
  options: { all: boolean; lock: Lock },
): void {
  try {
    store.discardScratch(kind, key, options);
  } catch {
    // Scratch is emptied when the stage starts again.
  }
}
