import { Interrupted } from "../base/errors.ts";
import { LockLost, tryLockFile } from "../base/lock.ts";
import type { Engine } from "../engine/mod.ts";
import type { PartMaker, PartsRequest, StoredParts } from "../stages/stage.ts";
import { ARTIFACT_FILE, parseArtifactRecord } from "./artifact.ts";
import { obtainLocked } from "./build.ts";
import { keyOf, type KeyRecord, partRecord } from "./key.ts";
import type { Made, Store } from "./store.ts";
import { buildLock, lockPath, useLock } from "./store_names.ts";

/** Which of the parts a process begins with: it is number `slot` of `of`, from 0. */
export interface Claim {
  readonly slot: number;
  readonly of: number;
}

/** How the parts stand when a process has nothing left to do. */
export interface PartCounts {
  readonly count: number;
  /** Made by this process. */
  readonly made: number;
  /** In the store, these included; what is missing others were making. */
  readonly there: number;
}

/** Thrown through a stage of which only the parts were asked for, when those are made. */
export class PartsMade extends Error {
  override name = "PartsMade";

  /** @param counts Absent where the whole is in the store already. */
  constructor(kind: string, counts?: PartCounts) {
    super(
      counts === undefined
        ? `its ${kind} are in the store`
        : `${counts.made} of ${counts.count} parts of its ${kind} were made here, ` +
          `${counts.there} are in the store`,
    );
  }
}

/** For what has no parts, or is to be made anew. */
export const NO_PARTS: StoredParts = {
  find: () => Promise.resolve(undefined),
  take: () => Promise.resolve(false),
};

/** The parts of an artifact that are in the store. */
export function storedParts(
  store: Store,
  kind: string,
  key: string,
  signal: AbortSignal,
): StoredParts {
  const { disk } = store;
  const idOf = async (part: number) => {
    const record = partRecord(kind, key, part);
    return { kind: record.kind, key: await keyOf(record) };
  };
  return {
    async find(part) {
      const id = await idOf(part);
      const text = disk.readText(`${store.place(id.kind, id.key)}/${ARTIFACT_FILE}`);
      const record = text === undefined ? undefined : await parseArtifactRecord(text);
      if (record === undefined || "wrong" in record) return undefined;
      return { engine: record.made.engine as Engine | undefined };
    },
    async take(part, output) {
      const id = await idOf(part);
      // Nobody clears it away in between. Not by store.use: that would keep a file open for each.
      const lock = lockPath(store.path, useLock(id.kind, id.key));
      using use = tryLockFile(lock, { shared: true, disk });
      const found = use && await store.find(id.kind, id.key, signal);
      if (found?.state !== "whole") return false;
      for (const name of found.artifact.files) await output.take(name, found.artifact.file(name));
      return true;
    },
  };
}

/** What {@linkcode makeParts} works with. */
export interface PartsOptions extends PartsRequest {
  readonly claim: Claim;
  readonly signal: AbortSignal;
  readonly warn: (text: string) => void;
  /** What `artifact.json` is to say of a part that was begun then. */
  readonly made: (started: Date) => Promise<Made>;
  /** Called after each. @param done How many are known to be in the store. */
  readonly onPart: (part: number, done: number, seconds: number) => void;
}

/**
 * Makes those parts of an artifact that nobody has made and nobody is making, from the process's own
 * place on and round to it again. A process that dies loses its lock with its life: whoever passes
 * next makes its part.
 *
 * @param whole The record of the artifact.
 */
export async function makeParts(
  store: Store,
  whole: KeyRecord,
  { count, open, claim, signal, warn, made, onPart }: PartsOptions,
): Promise<PartCounts> {
  const key = await keyOf(whole);
  const first = Math.floor(claim.slot * count / claim.of);
  const order = Array.from({ length: count }, (_, i) => (first + i) % count);
  const there = new Set<number>();
  let here = 0;
  let maker: PartMaker | undefined;
  try {
    // Again until a round finds nothing to do: whoever had a part in hand may have died since.
    for (let before = -1; here > before;) {
      before = here;
      for (const part of order.filter((each) => !there.has(each))) {
        if (signal.aborted) throw new Interrupted();
        const record = partRecord(whole.kind, key, part);
        const id = await keyOf(record);
        const lock = lockPath(store.path, buildLock(record.kind, id));
        using held = tryLockFile(lock, { disk: store.disk });
        if (held === undefined) continue;
        const started = new Date();
        const { how } = await obtainLocked(store, record, held, {
          what: `part ${part} of ${whole.kind}`,
          signal,
          warn,
          progress: () => {}, // nothing is fetched
          async build({ output }) {
            maker ??= await open();
            await maker.make(part, output);
            return await made(started);
          },
        }).catch((error) => {
          if (error instanceof LockLost) return { how: undefined };
          throw error;
        });
        if (how === undefined) continue; // somebody else has it by now
        there.add(part);
        if (how !== "built") continue;
        here++;
        onPart(part, there.size, (Date.now() - started.getTime()) / 1000);
      }
    }
  } finally {
    maker?.[Symbol.dispose]();
  }
  return { count, made: here, there: there.size };
}
