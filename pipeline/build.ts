import { Interrupted, UserError } from "../base/errors.ts";
import type { StoredArtifact } from "./artifact.ts";
import { explainDiskError } from "./disk.ts";
import { keyOf, type KeyRecord } from "./key.ts";
import type { Found, Made, Scratch, Store } from "./store.ts";
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
  /**
   * Writes the output, and says how it was made.
   * @param damaged What was wrong with the artifact that was there, if one was.
   */
  build(scratch: Scratch, damaged: string | undefined): Promise<Made>;
}

/**
 * Gets an artifact from the store, or makes it there. However many processes ask, one makes it and
 * the others wait.
 */
export async function obtain(
  store: Store,
  record: KeyRecord,
  builder: Builder,
): Promise<{ artifact: StoredArtifact; built: boolean }> {
  const key = await keyOf(record);
  const { kind } = record;
  const { signal } = builder;
  await store.use(kind, key, signal);
  if (!builder.force) {
    const found = await store.find(kind, key, signal);
    if (found.state === "whole") return { artifact: found.artifact, built: false };
  }
  using _lock = await store.lock(buildLock(kind, key), { onWait: builder.onWait, signal });
  const found: Found = builder.force ? { state: "missing" } : await store.find(kind, key, signal); // whoever held the lock may have made it
  if (found.state === "whole") return { artifact: found.artifact, built: false };
  let damaged: string | undefined;
  if (found.state === "damaged") {
    damaged = found.why;
    const place = store.setAside(store.place(kind, key), `${kind}-${key}`);
    builder.warn(
      `The artifact of ${builder.what} was damaged (${found.why}). It was moved to ${place} and is made again.`,
    );
  }
  const scratch = store.openScratch(kind, key, { fresh: builder.force, warn: builder.warn });
  try {
    const made = await builder.build(scratch, damaged);
    if (signal.aborted) throw new Interrupted();
    return { artifact: await store.publish(record, scratch.output, made, signal), built: true };
  } catch (error) {
    discard(store, kind, key, error instanceof ChangedMeanwhile);
    throw explainDiskError(error, `publish ${builder.what}`);
  }
}

/** Cleans up after an error, which says more than one met in cleaning. */
function discard(store: Store, kind: string, key: string, all: boolean): void {
  try {
    store.discardScratch(kind, key, { all });
  } catch {
    // Scratch is emptied when the stage starts again.
  }
}
