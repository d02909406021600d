import { networkReason, UserError } from "../../base/errors.ts";
import { retryAfter, Temporary } from "../../base/retry.ts";

/** Milliseconds within which a server must begin to answer once it has what was sent. */
const PATIENCE = 30_000;
/** Bytes that must go out in a millisecond: below what six files at once have of 4 Mbit/s. */
const SLOWEST = 64;
/** Milliseconds within which a server must take more bytes, or answer once it has them all. */
const STALLED = 60_000;

/** A request to a server that keeps blobs. */
export interface BlobRequest {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  readonly url: URL;
  readonly headers?: HeadersInit;
  /** Small ones as bytes: they have a length then; a stream is sent in chunks without one. */
  readonly body?: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly signal: AbortSignal;
  readonly client: Deno.HttpClient | undefined;
  /** What to say of the address: without user, password or token. */
  readonly address: string;
}

/**
 * Sends a request and judges the answer. Redirects are not followed: a token must not go elsewhere.
 *
 * @returns An answer that is one: 2xx, 404 (also for 410), 416.
 * @throws {Temporary} if another attempt may succeed.
 * @throws {UserError} if none will, in words.
 */
export async function send(request: BlobRequest): Promise<Response> {
  const response = await answer(request);
  const { status, statusText, headers } = response;
  if (response.ok || status === 404 || status === 410 || status === 416) return response;
  await response.body?.cancel();
  const said = `${status}${statusText ? ` ${statusText}` : ""}`;
  const what = `${request.address} answers ${said} to ${request.method}`;
  const useless = status === 501 || status === 505 || status === 507; // the last: its disk is full
  if ((status >= 500 && !useless) || [408, 425, 429].includes(status)) {
    throw new Temporary(what, { after: retryAfter(headers) });
  }
  if (status >= 300 && status < 400) {
    throw new UserError(`${what}: redirects are not followed`, {
      hint: "Write the address that it leads to.",
    });
  }
  throw new UserError(what);
}

/**
 * Sends a request, and gives any answer back.
 * @throws {Temporary} if there is none.
 */
export async function answer(request: BlobRequest): Promise<Response> {
  const { method, url, headers, body, client, address } = request;
  // Asked first: Deno would put the question to the user.
  if (Deno.permissions.querySync({ name: "net", host: url.host }).state !== "granted") {
    throw new UserError(`Cannot ask ${address}: this command does not use the network`);
  }
  const late = new AbortController();
  let timer = setTimeout(() => late.abort(), patienceFor(body));
  const again = () => {
    clearTimeout(timer);
    timer = setTimeout(() => late.abort(), STALLED);
  };
  try {
    return await fetch(url, {
      method,
      // Compressed on the way, the length that is named would not be that of the bytes.
      headers: { "accept-encoding": "identity", ...Object.fromEntries(new Headers(headers)) },
      body: body instanceof ReadableStream ? body.pipeThrough(watched(again)) : body,
      client,
      redirect: "manual",
      signal: AbortSignal.any([late.signal, request.signal]),
    });
  } catch (error) {
    request.signal.throwIfAborted();
    const why = late.signal.aborted ? "no answer in time" : networkReason(error);
    throw new Temporary(`Cannot reach ${address}: ${why}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Milliseconds within which an answer must begin. What is sent as a whole is not seen on its way: it
 * has the time that a slow line needs.
 */
export function patienceFor(body: BlobRequest["body"]): number {
  return PATIENCE + (body instanceof Uint8Array ? body.length / SLOWEST : 0);
}

/** Tells of every piece that goes through. */
function watched(
  onPiece: () => void,
): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  return new TransformStream({
    transform(piece, controller) {
      onPiece();
      controller.enqueue(piece);
    },
  });
}
