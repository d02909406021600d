import { dirname } from "node:path";
import { systemClient } from "./certificates.ts";
import { messageOf, UserError } from "./errors.ts";
import { sha256File } from "./hash.ts";
import { lockFile } from "./lock.ts";

/** What to fetch, and what it must be. */
export interface Download {
  readonly url: string | URL;
  /** Where the file goes; the folder is made. */
  readonly to: string;
  /** The file's SHA-256, 64 hexadecimal digits. */
  readonly sha256: string;
  /** The file's length in bytes, where it is known before the server says it. */
  readonly size?: number;
  /** Bytes that are here so far, of how many (0 where nobody says). */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** Attempts before giving up, each going on where the one before was cut. */
const ATTEMPTS = 4;
/** Milliseconds to wait before the second attempt; doubled each time. */
const FIRST_PAUSE = 500;
/** Milliseconds without a byte after which a connection counts as cut. */
const STALLED = 60_000;

/**
 * Fetches a file over HTTP, through the proxy of `HTTP_PROXY` and `HTTPS_PROXY` where one is set.
 *
 * It grows as `<to>.part`, is checked, and becomes `to` in one step; a cut download leaves the part,
 * from which the next call goes on. Where `to` is already there and right nothing is fetched. Two
 * processes that want the same file fetch it once.
 *
 * @throws {UserError} if the file cannot be had, is not what it should be, or does not fit the disk.
 */
export async function download(request: Download): Promise<void> {
  using _ = await lockFile(`${request.to}.lock`, { signal: request.signal });
  if (await digestOf(request.to) === request.sha256) return;
  for (let attempt = 1;; attempt++) {
    try {
      const resumed = await fetchPart(request);
      const found = await sha256File(partOf(request));
      if (found === request.sha256) break;
      await Deno.remove(partOf(request));
      // What was left from an earlier time may have been of another file.
      if (resumed && attempt < ATTEMPTS) continue;
      throw new UserError(
        `Cannot use ${request.url}: its SHA-256 is ${found}, not ${request.sha256}`,
        { hint: "The file has changed or was altered on the way; nothing of it was kept." },
      );
    } catch (error) {
      request.signal?.throwIfAborted();
      if (!(error instanceof Cut)) throw error;
      if (attempt === ATTEMPTS) throw await error.explained(request);
      await pause(FIRST_PAUSE * 2 ** (attempt - 1), request.signal);
    }
  }
  await Deno.rename(partOf(request), request.to);
}

/** A failure of the connection: worth another attempt. */
class Cut extends Error {
  async explained(request: Download): Promise<UserError> {
    const stat = await Deno.stat(partOf(request)).catch(() => undefined);
    const after = stat?.size ? ` after ${stat.size} bytes` : "";
    return new UserError(`Cannot download ${request.url}${after}: ${this.message}`, {
      hint: stat?.size
        ? "Check the network and run it again: it goes on from there."
        : "Check the network and run it again.",
      cause: this.cause,
    });
  }
}

/** Brings the part to its full length. @returns Whether some of it was there before. */
async function fetchPart(request: Download): Promise<boolean> {
  const stalled = new AbortController();
  const signals = [stalled.signal, ...(request.signal ? [request.signal] : [])];
  let timer = setTimeout(() => stalled.abort(), STALLED);
  try {
    const start = (await Deno.stat(partOf(request)).catch(() => undefined))?.size ?? 0;
    using client = systemClient();
    const response = await ask(request, start, AbortSignal.any(signals), client);
    // A server that knows no ranges sends the whole file.
    const resumed = response.status === 206;
    const begin = resumed ? start : 0;
    const length = Number(response.headers.get("content-length") ?? 0);
    const total = request.size ?? (length > 0 ? begin + length : 0);
    let done = begin;
    request.onProgress?.(done, total);
    using file = await Deno.open(partOf(request), {
      write: true,
      create: true,
      append: resumed,
      truncate: !resumed,
    });
    for await (const bytes of chunks(response)) {
      clearTimeout(timer);
      timer = setTimeout(() => stalled.abort(), STALLED);
      await writeAll(file, bytes, request);
      done += bytes.length;
      request.onProgress?.(done, total);
    }
    if (total > 0 && done < total) throw new Cut("the connection was cut");
    await file.sync();
    return resumed;
  } finally {
    clearTimeout(timer);
  }
}

/** Asks for the file from a byte on. @throws {Cut | UserError} where there is no such answer. */
async function ask(
  request: Download,
  start: number,
  signal: AbortSignal,
  client?: Deno.HttpClient,
): Promise<Response> {
  await Deno.mkdir(dirname(request.to), { recursive: true });
  let response: Response;
  try {
    response = await fetch(request.url, {
      signal,
      client,
      // Compressed on the way, the length that the server names would not be the file's.
      headers: { "accept-encoding": "identity", ...(start > 0 && { range: `bytes=${start}-` }) },
    });
  } catch (error) {
    throw new Cut(networkReason(error), { cause: error });
  }
  if (response.ok) return response;
  await response.body?.cancel();
  if (response.status === 416 && start > 0) {
    // The part is as long as the file or longer: it is of no use.
    await Deno.remove(partOf(request));
    return ask(request, 0, signal, client);
  }
  const answer = `the server answered ${response.status} ${response.statusText}`.trimEnd();
  if (response.status >= 500 || response.status === 429) throw new Cut(answer);
  throw new UserError(`Cannot download ${request.url}: ${answer}`);
}

async function* chunks(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (!reader) return;
  try {
    while (true) {
      const read = await reader.read().catch((error) => {
        throw new Cut("the connection was cut", { cause: error });
      });
      if (read.done) return;
      yield read.value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array, request: Download): Promise<void> {
  try {
    for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    await Deno.remove(partOf(request));
    throw diskFull(request.to, error);
  }
}

/** Whether an error says that the disk, or the user's share of it, is full. */
export function isDiskFull(error: unknown): boolean {
  const code = (error as { code?: string } | null)?.code;
  return code === "ENOSPC" || code === "EDQUOT";
}

/** What to tell the user whose disk is full. */
export function diskFull(path: string, cause: unknown): UserError {
  return new UserError(`Cannot write ${path}: the disk is full`, {
    hint: "Make room, or set VITRINE_CACHE to a folder on another disk.",
    cause,
  });
}

function partOf(request: Download): string {
  return `${request.to}.part`;
}

async function digestOf(path: string): Promise<string | undefined> {
  try {
    return await sha256File(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Why a fetch failed, without the address that its message begins with. */
export function networkReason(error: unknown): string {
  const cause = (error as { cause?: unknown } | null)?.cause;
  return messageOf(cause ?? error).replace(
    /^error sending request for url \(.*?\): (client error \(.*?\): )?/,
    "",
  );
}

function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });
}
