import { join } from "node:path";
import { configure } from "../../hub/mod.ts";
import { gitDigest, refuse, type Seen, sendBytes, sha256 } from "./server.ts";

const PETS = join(import.meta.dirname!, "../fixtures/parquet/pets");

type Bytes = Uint8Array<ArrayBuffer>;

/** What a data set's repository holds at a commit, by path. */
export type Files = Record<string, Bytes>;

/** The commit that `main` is in a fresh {@linkcode FakeDatasets}. */
export const MAIN = "1111111111111111111111111111111111111111";

/**
 * A server on this machine that speaks as much of the Hub's protocol as data sets need: the list of
 * files at a revision with digests and sizes, `HEAD` and `GET` of files with a redirect to storage for
 * the large ones, ranges, and the errors of huggingface.co.
 */
export class FakeDatasets implements AsyncDisposable {
  /** By revision: its commit. */
  readonly revisions: Record<string, string> = { main: MAIN };
  /** By commit. */
  readonly commits: Record<string, Files> = { [MAIN]: {} };
  readonly seen: Seen[] = [];
  /** Whether lists name digests and sizes, as a mirror's may not. */
  blobs = true;
  /** Answers instead of the Hub; undefined lets the Hub answer. */
  fault: (request: Request, path: string) => Response | undefined = () => undefined;
  readonly id = "owner/pets";
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    const files = this.commits[MAIN];
    files["README.md"] = Deno.readFileSync(join(PETS, "README.md"));
    for (const { name } of Deno.readDirSync(join(PETS, "data"))) {
      files[`data/${name}`] = Deno.readFileSync(join(PETS, "data", name));
    }
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      (request) => this.#answer(request),
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** What was asked for since the last call. */
  asked(): string[] {
    return this.seen.splice(0).map(({ method, path }) => `${method} ${path}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  #answer(request: Request): Response {
    const url = new URL(request.url);
    const path = decodeURIComponent(url.pathname);
    const { method, headers } = request;
    this.seen.push({
      method,
      path,
      range: headers.get("range"),
      authorization: headers.get("authorization"),
    });
    const instead = this.fault(request, path);
    if (instead) return instead;
    const stored = /^\/storage\/([0-9a-f]{64})$/.exec(path);
    if (stored) {
      const all = Object.values(this.commits).flatMap((files) => Object.values(files));
      return sendBytes(request, all.find((bytes) => sha256(bytes) === stored[1])!);
    }
    const info = /^\/api\/datasets\/([^/]+\/[^/]+)\/revision\/(.+)$/.exec(path);
    const asked = /^\/datasets\/([^/]+\/[^/]+)\/resolve\/(.+)$/.exec(path);
    if ((info ?? asked)?.[1] !== this.id) return refuse(404, "RepoNotFound");
    // A revision may have slashes, and is one part of the address all the same.
    const revision = info
      ? info[2]
      : decodeURIComponent(/\/resolve\/([^/]+)\//.exec(url.pathname)![1]);
    const commit = Object.hasOwn(this.commits, revision) ? revision : this.revisions[revision];
    if (commit === undefined) return refuse(404, "RevisionNotFound");
    const files = this.commits[commit];
    if (info) return Response.json(this.#info(commit, files));
    const bytes = files[asked![2].slice(revision.length + 1)];
    if (!bytes) return refuse(404, "EntryNotFound", { "x-repo-commit": commit });
    const small = asked![2].endsWith(".md") || asked![2].endsWith(".py");
    if (small) {
      return sendBytes(request, bytes, {
        "x-repo-commit": commit,
        etag: `"${gitDigest(bytes)}"`,
      });
    }
    return new Response(null, {
      status: 302,
      headers: {
        location: `${this.url}/storage/${sha256(bytes)}`,
        "x-repo-commit": commit,
        "x-linked-etag": `"${sha256(bytes)}"`,
        "x-linked-size": `${bytes.length}`,
      },
    });
  }

  #info(sha: string, files: Files) {
    const siblings = Object.entries(files).map(([rfilename, bytes]) => ({
      rfilename,
      ...(this.blobs && {
        size: bytes.length,
        blobId: gitDigest(bytes),
        ...(rfilename.endsWith(".parquet") && {
          lfs: { sha256: sha256(bytes), size: bytes.length, pointerSize: 130 },
        }),
      }),
    }));
    return { id: this.id, sha, private: false, gated: false, siblings, tags: ["region:us"] };
  }
}

/** Where a test works. */
export interface DatasetPlace {
  readonly hub: FakeDatasets;
  /** A temporary folder. */
  readonly folder: string;
  /** The repository in the Hub's cache. */
  readonly repository: string;
}

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

/** Runs a test with a Hub of data sets, an empty cache and an environment of its own. */
export async function withDatasets(test: (place: DatasetPlace) => Promise<void>): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "vitrine-datasets-" }));
  const before = VARIABLES.map((name) => [name, Deno.env.get(name)] as const);
  for (const name of VARIABLES) Deno.env.delete(name);
  try {
    await using hub = new FakeDatasets();
    Deno.env.set("HF_HOME", join(folder, "huggingface"));
    Deno.env.set("HF_ENDPOINT", hub.url);
    Deno.env.set("VITRINE_CACHE", join(folder, "vitrine"));
    configure({ refresh: false });
    await test({
      hub,
      folder,
      repository: join(folder, "huggingface/hub/datasets--owner--pets"),
    });
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
    configure({ refresh: false });
    await Deno.remove(folder, { recursive: true });
  }
}
