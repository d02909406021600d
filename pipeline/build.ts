import { Interrupted, UserError } from "../base/errors.ts";
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
  /** Somebody else makes it: their PID. */
  readonly onWait: (pid: number | null) => void;
  readonly warn: (text: string) => void;
  /** Where artifacts are shared with other machines. */
  readonly shared?: SharedStore;
  /** Told how much of it is fetched from there, or put there. */
  readonly progress: Report["progress"];
  /**
   * Writes the output, and says how it was made.
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
  if (!builder.force) {
    const found = await store.find(kind, key, signal);
    if (found.state === "whole") return { artifact: found.artifact, how: "found" };
  }
  using _lock = await store.lock(buildLock(kind, key), { onWait: builder.onWait, signal });
  return await obtainLocked(store, record, builder);
}

/** The same for whoever holds the lock of the artifact. */
export async function obtainLocked(
  store: Store,
  record: KeyRecord,
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
  if (builder.shared !== undefined && !builder.force) {
    const transfer = transferOf(builder, "from the shared store");
    const fetched = await builder.shared.fetch(record, key, transfer).catch((error) => {
      throw explainDiskError(error, `fetch ${builder.what}`);
    });
    if (fetched !== undefined) return { artifact: fetched, how: "fetched" };
  }
  const scratch = store.openScratch(kind, key, { fresh: builder.force, warn: builder.warn });
  try {
    const made = await builder.build(scratch, damaged);
    if (signal.aborted) throw new Interrupted();
    const artifact = await store.publish(record, scratch.output, made, signal);
    return { artifact, how: "built" };
  } catch (error) {
    discard(store, kind, key, error instanceof ChangedMeanwhile);
    throw explainDiskError(error, `publish ${builder.what}`);
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
function discard(store: Store, kind: string, key: string, all: boolean): void {
  try {
    store.discardScratch(kind, key, { all });
  } catch {
    // Scratch is emptied when the stage starts again.
  }
}
