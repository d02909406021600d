import { systemClient } from "../../base/certificates.ts";
import { UserError } from "../../base/errors.ts";
import type { Blobs, Content } from "./blobs.ts";
import { type BlobRequest, send } from "./request.ts";

/** Bytes up to which a file is sent as one piece, with its length; longer ones go in chunks. */
const IN_ONE_PIECE = 8 << 20;

/**
 * Blobs on a web server in the layout of Bazel's remote cache: `GET`, `HEAD` and `PUT` of
 * `<address>/cas/<sha256>` and `<address>/ac/<key>`.
 *
 * User and password of the address go to the server as Basic, `VITRINE_STORE_TOKEN` as Bearer; no
 * message has them.
 */
export class HttpBlobs implements Blobs {
  readonly address: string;
  readonly #base: URL;
  readonly #headers: Record<string, string>;
  readonly #client: Deno.HttpClient | undefined;

  /** @throws {UserError} if that is no address. */
  constructor(url: string, token?: string) {
    if (!URL.canParse(url)) {
      throw new UserError("Cannot use the shared store's address: it is none", {
        hint: "It looks like https://host/path.",
      });
    }
    this.#base = new URL(url);
    const { username, password } = this.#base;
    this.#headers = token
      ? { authorization: `Bearer ${token}` }
      : username || password
      ? { authorization: `Basic ${basic(username, password)}` }
      : {};
    for (const part of ["username", "password", "search", "hash"] as const) this.#base[part] = "";
    // Reading the system's certificates takes a while: only for who shows one.
    this.#client = this.#base.protocol === "https:" ? systemClient() : undefined;
    if (!this.#base.pathname.endsWith("/")) this.#base.pathname += "/";
    this.address = this.#base.href.replace(/\/$/, "");
  }

  async stat(name: string, signal: AbortSignal): Promise<{ size?: number } | undefined> {
    const response = await this.#send(name, { method: "HEAD", signal });
    await response.body?.cancel();
    if (!response.ok) return undefined;
    const length = response.headers.get("content-length");
    return length === null ? {} : { size: Number(length) };
  }

  async get(name: string, from: number, signal: AbortSignal): Promise<Response | undefined> {
    const headers: HeadersInit = from > 0 ? { range: `bytes=${from}-` } : {};
    const response = await this.#send(name, { method: "GET", headers, signal });
    if (response.ok || response.status === 416) return response;
    await response.body?.cancel();
    return undefined;
  }

  async put(name: string, content: Content, signal: AbortSignal): Promise<void> {
    const stream = await content.open();
    const body = content.size > IN_ONE_PIECE
      ? stream
      : new Uint8Array(await new Response(stream).arrayBuffer());
    const headers = { "content-type": "application/octet-stream" };
    const response = await this.#send(name, { method: "PUT", headers, body, signal });
    await response.body?.cancel();
    if (response.ok) return;
    throw new UserError(`${this.address} answers ${response.status} to PUT`, {
      hint: "Does it let files be put there?",
    });
  }

  [Symbol.dispose](): void {
    this.#client?.close();
  }

  #send(
    name: string,
    request: Pick<BlobRequest, "method" | "headers" | "body" | "signal">,
  ): Promise<Response> {
    return send({
      ...request,
      url: new URL(name, this.#base),
      headers: { ...this.#headers, ...Object.fromEntries(new Headers(request.headers)) },
      client: this.#client,
      address: this.address,
    });
  }
}

/** User and password as RFC 7617 has them, in UTF-8. */
function basic(username: string, password: string): string {
  return new TextEncoder().encode(`${decoded(username)}:${decoded(password)}`).toBase64();
}

/** A part of an address; one with a % that stands for itself is taken as it was written. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
