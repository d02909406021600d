import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { systemClient } from "../base/certificates.ts";
import { sha256File } from "../base/hash.ts";
import { lockFile } from "../base/lock.ts";
import { Altered, Cut, receive } from "../base/receive.ts";
import { explainCacheError, HubError } from "./errors.ts";
import { openFile, type RemoteFile } from "./http.ts";
import { labelOf } from "./repository.ts";
import { persist, Temporary } from "./retry.ts";

/** A file to bring into the cache, and what it must be. */
export interface Transfer {
  /** At the commit, not at a revision that may move. */
  readonly remote: RemoteFile;
  /** The blob's path; the bytes grow beside it as `<to>.incomplete`. */
  readonly to: string;
  /** The lock that Hugging Face's Python library takes for it. */
  readonly lock: string;
  /** SHA-256 (64 digits) or git's SHA-1 (40 digits) of the content; any other says nothing of it. */
  readonly etag: string;
  /** Bytes. */
  readonly size?: number;
}

/** Who is told, and who may stop it. */
export interface TransferOptions {
  /** Bytes that are here so far. */
  readonly onProgress?: (done: number) => void;
  readonly onWait?: (pid: number | null) => void;
  readonly warn?: (text: string) => void;
  readonly signal?: AbortSignal;
}

const ATTEMPTS = 6;

/**
 * Downloads a file, going on where an earlier download was cut, checks its size and digest, and puts
 * it in place in one step. Two processes that want it fetch it once.
 *
 * @throws {HubError} if it cannot be had or is not what it should be.
 */
export async function transfer(request: Transfer, options: TransferOptions = {}): Promise<void> {
  const { to, lock } = request;
  const incomplete = `${to}.incomplete`;
  try {
    const { onWait, signal, warn } = options;
    using _ = await lockFile(lock, { onWait, signal });
    if (sizeOf(to) !== undefined) return; // another process was faster
    Deno.mkdirSync(dirname(to), { recursive: true });
    await persist(
      (advanced) => fetchPart(request, incomplete, options, advanced),
      { attempts: ATTEMPTS, signal, warn },
    );
    Deno.renameSync(incomplete, to);
  } catch (error) {
    options.signal?.throwIfAborted();
    throw explainCacheError(error, to);
  }
}

/**
 * What is wrong with a file's content, in words; undefined if nothing is.
 * @param expected Its digest and size, as the Hub names them.
 */
export async function faultOf(
  path: string,
  { etag, size }: { readonly etag: string; readonly size?: number },
  signal?: AbortSignal,
): Promise<string | undefined> {
  const found = sizeOf(path) ?? 0;
  if (size !== undefined && found !== size) return `it has ${found} bytes, not ${size}`;
  if (/^[0-9a-f]{64}$/.test(etag)) {
    const digest = await sha256File(path, signal);
    if (digest !== etag) return `its SHA-256 is ${digest}, not ${etag}`;
  } else if (/^[0-9a-f]{40}$/.test(etag)) {
    const digest = await gitDigest(path, found);
    if (digest !== etag) return `its SHA-1 is ${digest}, not ${etag}`;
  }
}

/** Brings the part to its full length and checks it. @throws {Temporary | HubError} */
async function fetchPart(
  request: Transfer,
  path: string,
  { signal, onProgress }: TransferOptions,
  onAdvance: () => void,
): Promise<void> {
  const { remote, size } = request;
  using client = systemClient();
  try {
    const { resumed } = await receive({
      path,
      size,
      signal,
      onProgress,
      onAdvance,
      open: (start, signal) => openFile(remote, start, signal, client),
    });
    const fault = await faultOf(path, request, signal);
    if (fault === undefined) return;
    Deno.removeSync(path);
    throw new Altered(fault, resumed);
  } catch (error) {
    if (error instanceof Cut) throw cut(remote, error);
    if (error instanceof Altered) throw altered(remote, error);
    throw error;
  }
}

/** What an earlier download left may have been of another file: worth an attempt. */
function altered(remote: RemoteFile, { message, resumed }: Altered): Error {
  const what = `Cannot use ${remote.file} of ${labelOf(remote)}: ${message}`;
  const advice = "It was altered on the way and not kept: run it again";
  return resumed ? new Temporary(what, { after: 0, advice }) : new HubError(what, { hint: advice });
}

function cut(remote: RemoteFile, { message, cause }: Cut): Temporary {
  return new Temporary(`Cannot download ${remote.file} of ${labelOf(remote)}: ${message}`, {
    advice: "Check the network and run it again, it goes on from there",
    cause,
  });
}

/** SHA-1 as git counts it: over a header with the length, then the content. */
async function gitDigest(path: string, size: number): Promise<string> {
  const hash = createHash("sha1").update(`blob ${size}\0`);
  using file = await Deno.open(path);
  const piece = new Uint8Array(1 << 20);
  for (let n = await file.read(piece); n !== null; n = await file.read(piece)) {
    hash.update(piece.subarray(0, n));
  }
  return hash.digest("hex");
}

function sizeOf(path: string): number | undefined {
  try {
    return Deno.statSync(path).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
