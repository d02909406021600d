import { systemClient } from "./certificates.ts";
import { networkReason, UserError } from "./errors.ts";
import { sha256File } from "./hash.ts";
import { lockFile } from "./lock.ts";
import { pause } from "./pause.ts";
import { Altered, Cut, receive } from "./receive.ts";
import { diskFull, isDiskFull } from "./write_error.ts";

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
      await fetchPart(request);
      break;
    } catch (error) {
      request.signal?.throwIfAborted();
      if (error instanceof Altered) {
        // What was left from an earlier time may have been of another file.
        if (error.resumed && attempt < ATTEMPTS) continue;
        throw new UserError(`Cannot use ${request.url}: ${error.message}`, {
          hint: "The file has changed or was altered on the way; nothing of it was kept.",
        });
      }
      if (isDiskFull(error)) {
        await Deno.remove(partOf(request));
        throw diskFull(request.to, error);
      }
      if (!(error instanceof Cut)) throw error;
      if (attempt === ATTEMPTS) throw await explain(error, request);
      await pause(FIRST_PAUSE * 2 ** (attempt - 1), request.signal);
    }
  }
  await Deno.rename(partOf(request), request.to);
}

async function explain(cut: Cut, request: Download): Promise<UserError> {
  const stat = await Deno.stat(partOf(request)).catch(() => undefined);
  const after = stat?.size ? ` after ${stat.size} bytes` : "";
  return new UserError(`Cannot download ${request.url}${after}: ${cut.message}`, {
    hint: stat?.size
      ? "Check the network and run it again: it goes on from there."
      : "Check the network and run it again.",
    cause: cut.cause,
  });
}

/** Brings the part to its full length and checks it. @throws {Cut | Altered | UserError} */
async function fetchPart(request: Download): Promise<void> {
  const { size, sha256, signal, onProgress } = request;
  using client = systemClient();
  const { resumed } = await receive({
    path: partOf(request),
    size,
    signal,
    onProgress,
    open: (start, signal) => ask(request, start, signal, client),
  });
  const found = await sha256File(partOf(request), signal);
  if (found === sha256) return;
  await Deno.remove(partOf(request));
  throw new Altered(`its SHA-256 is ${found}, not ${sha256}`, resumed);
}

/** Asks for the file from a byte on. @throws {Cut | UserError} where there is no such answer. */
async function ask(
  request: Download,
  start: number,
  signal: AbortSignal,
  client: Deno.HttpClient | undefined,
): Promise<Response> {
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
  if (response.ok || response.status === 416) return response;
  await response.body?.cancel();
  const answer = `the server answered ${response.status} ${response.statusText}`.trimEnd();
  if (response.status >= 500 || response.status === 429) throw new Cut(answer);
  throw new UserError(`Cannot download ${request.url}: ${answer}`);
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
