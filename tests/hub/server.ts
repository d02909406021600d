import { createHash } from "node:crypto";
import { join } from "node:path";
import { configure } from "../../hub/mod.ts";

const GOLDEN = join(import.meta.dirname!, "../fixtures/golden");

/** The commit that `main` is in a fresh {@linkcode FakeHub}. */
export const COMMIT = "0123456789abcdef0123456789abcdef01234567";

/** What a request asked, for the tests to look at. */
export interface Seen {
  readonly method: string;
  /** Path, decoded. */
  readonly path: string;
  readonly range: string | null;
  readonly authorization: string | null;
}

/** A file with what the Hub says of it. */
interface HubFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** In large file storage: known by its SHA-256, sent from elsewhere. */
  readonly large: boolean;
}

/**
 * A server on this machine that speaks as much of the Hub's protocol as models need: `HEAD` and `GET`
 * on `/owner/name/resolve/REVISION/FILE`, with redirects to a storage, ranges, and the headers of
 * huggingface.co. `fault` may answer in its place.
 */
export class FakeHub {
  /** Revisions by name, and what they stand for. */
  readonly revisions: Record<string, string> = { main: COMMIT };
  readonly files: Record<string, HubFile> = {};
  readonly seen: Seen[] = [];
  /** Answers instead of the Hub; undefined lets the Hub answer. */
  fault: (request: Request, path: string) => Response | undefined = () => undefined;
  readonly #servers: Deno.HttpServer[] = [];

  private constructor(readonly id: string) {}

  /** @param folder Of the golden fixtures: what the repository holds. */
  static start(folder: string, id = "owner/vit"): FakeHub {
    const hub = new FakeHub(id);
    for (const { name } of Deno.readDirSync(join(GOLDEN, folder))) {
      if (name === "io.safetensors") continue;
      hub.add(name, Deno.readFileSync(join(GOLDEN, folder, name)));
    }
    // The storage is another origin, as it is in life.
    for (let i = 0; i < 2; i++) {
      const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
      hub.#servers.push(Deno.serve(options, (request) => hub.#answer(request)));
    }
    return hub;
  }

  add(name: string, bytes: Uint8Array<ArrayBuffer>, large = name.endsWith(".safetensors")): void {
    this.files[name] = { bytes, large };
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#servers[0].addr as Deno.NetAddr).port}`;
  }

  get storage(): string {
    return `http://127.0.0.1:${(this.#servers[1].addr as Deno.NetAddr).port}`;
  }

  /** Paths that were asked for, in order, since the last call. */
  asked(): string[] {
    return this.seen.splice(0).map(({ method, path }) => `${method} ${path}`);
  }

  async stop(): Promise<void> {
    for (const server of this.#servers.splice(0)) await server.shutdown();
  }

  #answer(request: Request): Response {
    const path = decodeURIComponent(new URL(request.url).pathname);
    const { method, headers } = request;
    this.seen.push({
      method,
      path,
      range: headers.get("range"),
      authorization: headers.get("authorization"),
    });
    const instead = this.fault(request, path);
    if (instead) return instead;
    const stored = /^\/storage\/(.*)$/.exec(path);
    if (stored) return sendBytes(request, this.files[stored[1]].bytes);
    const asked = /^\/([^/]+\/[^/]+)\/resolve\/(.+)\/([^/]+)$/.exec(path);
    if (!asked || asked[1] !== this.id) return refuse(404, "RepoNotFound");
    const commit = Object.values(this.revisions).includes(asked[2])
      ? asked[2]
      : this.revisions[asked[2]];
    if (commit === undefined) return refuse(404, "RevisionNotFound");
    const file = Object.hasOwn(this.files, asked[3]) ? this.files[asked[3]] : undefined;
    if (!file) return refuse(404, "EntryNotFound", { "x-repo-commit": commit });
    if (!file.large) {
      return sendBytes(request, file.bytes, {
        "x-repo-commit": commit,
        etag: `W/"${gitDigest(file.bytes)}"`,
      });
    }
    return new Response(null, {
      status: 302,
      headers: {
        location: `${this.storage}/storage/${asked[3]}`,
        "x-repo-commit": commit,
        "x-linked-etag": `"${sha256(file.bytes)}"`,
        "x-linked-size": `${file.bytes.length}`,
      },
    });
  }
}

/** The Hub's way of saying no. */
export function refuse(
  status: number,
  code?: string,
  headers: Record<string, string> = {},
): Response {
  return new Response(null, {
    status,
    headers: { ...(code ? { "x-error-code": code } : {}), ...headers },
  });
}

/** Sends bytes, or the rest of them from the one that a range names. */
export function sendBytes(
  request: Request,
  bytes: Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Response {
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.get("range") ?? "")?.[1] ?? 0);
  if (start > 0 && start >= bytes.length) return new Response(null, { status: 416, headers });
  const rest = bytes.slice(start);
  return new Response(request.method === "HEAD" ? null : rest, {
    status: start > 0 ? 206 : 200,
    headers: {
      ...headers,
      "content-length": `${rest.length}`,
      ...(start > 0
        ? { "content-range": `bytes ${start}-${bytes.length - 1}/${bytes.length}` }
        : {}),
    },
  });
}

/** Names the whole length, sends so many bytes and breaks the connection. */
export function sendCut(
  request: Request,
  bytes: Uint8Array<ArrayBuffer>,
  most: number,
): Response {
  const whole = sendBytes(request, bytes);
  const start = Number(/^bytes (\d+)/.exec(whole.headers.get("content-range") ?? "")?.[1] ?? 0);
  if (bytes.length - start <= most) return whole;
  let sent = false;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      // What was sent gets a moment to leave before the connection breaks.
      if (sent) await new Promise((resolve) => setTimeout(resolve, 20));
      if (sent) return controller.close(); // short of the length: the server breaks it off
      sent = true;
      controller.enqueue(bytes.slice(start, start + most));
    },
  }, { highWaterMark: 0 });
  return new Response(body, { status: whole.status, headers: whole.headers });
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** What `git hash-object` says. */
export function gitDigest(bytes: Uint8Array): string {
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

/** Where a test works. */
export interface Place {
  readonly hub: FakeHub;
  /** The temporary folder. */
  readonly folder: string;
  /** The Hub's cache, `HF_HUB_CACHE`. */
  readonly cache: string;
  /** The repository in the cache. */
  readonly repository: string;
}

/** Variables that a test sets; those of the machine must not count. */
const VARIABLES = [
  "HF_HOME",
  "HF_HUB_CACHE",
  "HUGGINGFACE_HUB_CACHE",
  "HF_ENDPOINT",
  "HF_TOKEN",
  "HUGGING_FACE_HUB_TOKEN",
  "HF_TOKEN_PATH",
  "HF_HUB_OFFLINE",
  "TRANSFORMERS_OFFLINE",
  "VITRINE_CACHE",
];

/** Runs a test with a Hub, an empty cache and an environment of its own. */
export async function withHub(
  test: (place: Place) => Promise<void>,
  fixture = "vit",
): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "vitrine-hub-" }));
  const before = VARIABLES.map((name) => [name, Deno.env.get(name)] as const);
  for (const name of VARIABLES) Deno.env.delete(name);
  const hub = FakeHub.start(fixture);
  Deno.env.set("HF_HOME", join(folder, "huggingface"));
  Deno.env.set("HF_ENDPOINT", hub.url);
  Deno.env.set("VITRINE_CACHE", join(folder, "vitrine"));
  configure({ refresh: false });
  try {
    const cache = join(folder, "huggingface", "hub");
    await test({ hub, folder, cache, repository: join(cache, "models--owner--vit") });
  } finally {
    await hub.stop();
    for (const [name, value] of before) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
    configure({ refresh: false });
    await Deno.remove(folder, { recursive: true });
  }
}

/** Every file and link below a folder: path to `-> target` or the number of bytes. */
export function layoutOf(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  const walk = (path: string) => {
    for (const { name, isDirectory, isSymlink } of Deno.readDirSync(join(folder, path))) {
      const below = path ? `${path}/${name}` : name;
      if (isDirectory) walk(below);
      else if (isSymlink) found[below] = `-> ${Deno.readLinkSync(join(folder, below))}`;
      else found[below] = `${Deno.statSync(join(folder, below)).size} bytes`;
    }
  };
  walk("");
  return found;
}
