import { sendBytes } from "../../hub/server.ts";

/** What a request asked. */
export interface Seen {
  readonly method: string;
  /** `ac/<key>` or `cas/<sha256>`. */
  readonly name: string;
  readonly range: string | null;
  readonly authorization: string | null;
}

/**
 * A web server on this machine that keeps blobs in memory and does wrong what `fault` says: it may
 * answer in the server's place.
 */
export class FaultyServer implements AsyncDisposable {
  readonly blobs = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly seen: Seen[] = [];
  fault: (
    request: Request,
    name: string,
    bytes: Uint8Array<ArrayBuffer>,
  ) => Response | undefined | Promise<Response> = () => undefined;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    this.#server = Deno.serve(options, (request) => this.#answer(request));
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/store`;
  }

  /** Requests since the last call: `GET cas/…`, digests cut. */
  asked(): string[] {
    return this.seen.splice(0).map(({ method, name, range }) =>
      `${method} ${name.slice(0, 6)}${range ? ` ${range}` : ""}`
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    const name = new URL(request.url).pathname.replace("/store/", "");
    const { method, headers } = request;
    const authorization = headers.get("authorization");
    this.seen.push({ method, name, range: headers.get("range"), authorization });
    const bytes = this.blobs.get(name);
    const instead = await this.fault(request, name, bytes ?? new Uint8Array());
    if (instead) {
      await request.body?.cancel();
      return instead;
    }
    if (method === "PUT") {
      const answer = new Response(null, { status: bytes ? 204 : 201 });
      this.blobs.set(name, new Uint8Array(await request.arrayBuffer()));
      return answer;
    }
    return bytes ? sendBytes(request, bytes) : new Response(null, { status: 404 });
  }
}
