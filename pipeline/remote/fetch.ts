import { join } from "node:path";
import { inParallel } from "../../base/in_parallel.ts";
import { Altered, Cut, receive } from "../../base/receive.ts";
import { persist, Temporary } from "../../base/retry.ts";
import type { ScratchOutput } from "../folder.ts";
import type { ArtifactRecord } from "../schemas.ts";
import type { Store } from "../store.ts";
import { fetchedPath } from "../store_names.ts";
import type { Blobs } from "./blobs.ts";
import { ATTEMPTS, blobName, entryName, Mismatch } from "./entry.ts";

/** Files that are fetched, or put, at the same time. */
export const AT_ONCE = 6;

/** Who is told of a transfer, and who may stop it. */
export interface TransferOptions {
  /** Bytes that are done, of how many. */
  readonly progress: (done: number, total: number) => void;
  readonly signal: AbortSignal;
  /** Milliseconds without a byte after which a connection counts as cut. */
  readonly patience?: number;
}

/** One blob that is to come. */
interface Wanted {
  readonly sha256: string;
  readonly size: number;
}

/**
 * Brings every file of an artifact into scratch, each checked by its digest. What a kill or a cut
 * left of a blob is gone on with. Only for the holder of the key's lock.
 *
 * @throws {Mismatch} if a blob is missing or not what it must be.
 * @throws {Temporary} if the shared store does not answer.
 */
export async function fetchFiles(
  blobs: Blobs,
  store: Store,
  { key, files }: ArtifactRecord,
  output: ScratchOutput,
  { progress, signal, patience }: TransferOptions,
): Promise<void> {
  const folder = fetchedPath(output.path);
  const sizes = new Map(Object.values(files).map(({ sha256, size }) => [sha256, size]));
  const wanted = [...sizes].map(([sha256, size]) => ({ sha256, size }));
  const total = wanted.reduce((sum, { size }) => sum + size, 0);
  await checkRoom(store.path, key, total);
  store.disk.makeFolder(folder);
  const done = new Map<string, number>();
  let sum = 0;
  await inParallel(wanted, AT_ONCE, signal, async (blob, signal) => {
    await fetchBlob(blobs, blob, join(folder, blob.sha256), { signal, patience }, (now) => {
      sum += now - (done.get(blob.sha256) ?? 0);
      done.set(blob.sha256, now);
      progress(sum, total);
    });
  });
  await assemble(store, files, folder, output);
}

/** Brings one blob to a path, whole and checked. */
async function fetchBlob(
  blobs: Blobs,
  { sha256, size }: Wanted,
  path: string,
  { signal, patience }: Pick<TransferOptions, "signal" | "patience">,
  onProgress: (done: number) => void,
): Promise<void> {
  const name = blobName(sha256);
  const part = (onAdvance: () => void) =>
    receive({
      path,
      size,
      signal,
      patience,
      onProgress,
      onAdvance,
      open: async (start, signal) => {
        const response = await blobs.get(name, start, signal);
        if (response === undefined) throw new Mismatch(name, "it is missing");
        return response;
      },
    });
  await persist(async (onAdvance) => {
    let resumed = false;
    try {
      ({ resumed } = await part(onAdvance));
      const { sha256File } = await import("../../base/hash.ts");
      const found = await sha256File(path, signal);
      if (found === sha256) return;
      await Deno.remove(path);
      throw new Altered(`its SHA-256 is ${found}`, resumed);
    } catch (error) {
      if (error instanceof Cut) {
        throw new Temporary(`Cannot fetch from ${blobs.address}: ${error.message}`, {
          cause: error,
        });
      }
      if (!(error instanceof Altered)) throw error;
      // What an earlier time left may have been damaged: worth an attempt from the beginning.
      if (error.resumed) throw new Temporary(error.message, { after: 0, cause: error });
      throw new Mismatch(name, error.message);
    }
  }, { attempts: ATTEMPTS, signal });
}

/** Gives the blobs their names in the artifact; their digests need not be worked out again. */
async function assemble(
  { disk }: Store,
  files: ArtifactRecord["files"],
  folder: string,
  output: ScratchOutput,
): Promise<void> {
  const places = new Map<string, string>();
  for (const [name, { sha256 }] of Object.entries(files)) {
    const path = output.file(name);
    const first = places.get(sha256);
    if (first === undefined) disk.rename(join(folder, sha256), path);
    else await disk.copy(first, path);
    if (first === undefined) places.set(sha256, path);
  }
  for (const [name, { sha256 }] of Object.entries(files)) {
    const path = output.file(name);
    const stat = disk.linkStat(path);
    // A copy is not synced yet: publishing does that, and hashes it.
    if (places.get(sha256) === path && stat) output.taken.set(name, { stat, sha256 });
  }
}

/** @throws {Mismatch} if an artifact does not fit the disk: what names its size may be wrong. */
async function checkRoom(path: string, key: string, bytes: number): Promise<void> {
  const room = await freeBytes(path);
  if (room === undefined || bytes <= room) return;
  const gigabytes = (value: number) => `${(value / 1e9).toFixed(1)} GB`;
  throw new Mismatch(
    entryName(key),
    `it has ${gigabytes(bytes)}, and the disk ${gigabytes(room)} free`,
  );
}

/** Free bytes of the disk; undefined where the system does not say. */
async function freeBytes(path: string): Promise<number | undefined> {
  try {
    const { statfsSync } = await import("node:fs");
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}
