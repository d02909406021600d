import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { systemClient } from "../base/certificates.ts";
import { sha256File } from "../base/hash.ts";
import { lockFile } from "../base/lock.ts";
import { explainCacheError, HubError } from "./errors.ts";
import { openFile, type RemoteFile } from "./http.ts";
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
/** Milliseconds without a byte after which a connection counts as cut. */
const STALLED = 60_000;

/**
 * Downloads a file, going on where an earlier download was cut, checks its size and digest, and puts
 * it in place in one step. Two processes that want it fetch it once.
 *
 * @throws {HubError} if it cannot be had or is not what it should be.
 */
export async function transfer(request: Transfer, options: TransferOptions = {}): Promise<void> {
  const { to, lock, remote } = request;
  const incomplete = `${to}.incomplete`;
  try {
    const { onWait, signal, warn } = options;
    using _ = await lockFile(lock, { onWait, signal });
    if (sizeOf(to) !== undefined) return; // another process was faster
    Deno.mkdirSync(dirname(to), { recursive: true });
    await persist(
      async (advanced) => {
        const { resumed } = await fetchPart(request, incomplete, options, advanced);
        const fault = await faultOf(incomplete, request, signal);
        if (fault === undefined) return;
        Deno.removeSync(incomplete);
        throw altered(remote, fault, resumed);
      },
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

/** Brings the part to its full length. @returns Whether some of it was there before. */
async function fetchPart(
  { remote, size }: Transfer,
  path: string,
  { signal, onProgress }: TransferOptions,
  advanced: () => void,
): Promise<{ resumed: boolean }> {
  let start = sizeOf(path) ?? 0;
  if (size !== undefined && start === size && size > 0) return { resumed: true };
  if (size !== undefined && start > size) start = 0;
  const stalled = new AbortController();
  let timer = setTimeout(() => stalled.abort(), STALLED);
  try {
    using client = systemClient();
    const signals = AbortSignal.any([stalled.signal, ...(signal ? [signal] : [])]);
    const response = await openFile(remote, start, signals, client);
    if (response.status === 416) {
      await response.body?.cancel();
      // The part is as long as the file or longer: it is of no use.
      Deno.removeSync(path);
      throw new Temporary(`Cannot go on with ${remote.file} of "${remote.id}"`, { after: 0 });
    }
    // A server that knows no ranges, or answers another one, sends what is not asked for.
    const resumed = response.status === 206 && start > 0 && rangeStart(response) === start;
    if (response.status === 206 && !resumed) {
      await response.body?.cancel();
      if (start > 0) Deno.removeSync(path);
      throw new Temporary(`Cannot read the range that ${remote.file} of "${remote.id}" came in`);
    }
    let done = resumed ? start : 0;
    const length = lengthOf(response);
    if (size !== undefined && length !== undefined && done + length !== size) {
      await response.body?.cancel();
      if (resumed) Deno.removeSync(path);
      throw altered(remote, `it has ${done + length} bytes, not ${size}`, resumed);
    }
    onProgress?.(done);
    using file = Deno.openSync(path, {
      write: true,
      create: true,
      append: resumed,
      truncate: !resumed,
    });
    for await (const bytes of chunks(response, remote)) {
      clearTimeout(timer);
      timer = setTimeout(() => stalled.abort(), STALLED);
      for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
      if (resumed) advanced();
      done += bytes.length;
      onProgress?.(done);
      if (size !== undefined && done > size) break; // wrong already; it might never end
    }
    await file.sync();
    if (size !== undefined && done < size) throw cut(remote);
    return { resumed };
  } finally {
    clearTimeout(timer);
  }
}

async function* chunks(response: Response, remote: RemoteFile): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (!reader) return;
  try {
    while (true) {
      const read = await reader.read().catch((cause) => {
        throw cut(remote, cause);
      });
      if (read.done) return;
      yield read.value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** @param resumed What an earlier download left may have been of another file: worth an attempt. */
function altered({ id, file }: RemoteFile, fault: string, resumed: boolean): Error {
  const what = `Cannot use ${file} of the model "${id}": ${fault}`;
  const advice = "it was altered on the way and not kept: run it again";
  return resumed ? new Temporary(what, { after: 0, advice }) : new HubError(`${what}; ${advice}`);
}

function cut({ id, file }: RemoteFile, cause?: unknown): Temporary {
  return new Temporary(`Cannot download ${file} of the model "${id}": the connection was cut`, {
    advice: "check the network and run it again, it goes on from there",
    cause,
  });
}

/** Bytes that an answer is going to have, where it says so of the bytes that arrive here. */
function lengthOf({ headers }: Response): number | undefined {
  const text = headers.has("content-encoding") ? null : headers.get("content-length");
  return text === null ? undefined : Number(text);
}

function rangeStart(response: Response): number | undefined {
  const range = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "");
  return range ? Number(range[1]) : undefined;
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
