import { systemClient } from "../base/certificates.ts";
import { networkReason } from "../base/errors.ts";
import { isFileName } from "../base/file_name.ts";
import { judge } from "./answer.ts";
import { HubError } from "./errors.ts";
import { labelOf, pageOf, type Repository } from "./repository.ts";
import { Temporary } from "./retry.ts";
import { endpoint, token } from "./settings.ts";

/** A file of a repository at a revision. */
export interface RemoteFile extends Repository {
  readonly revision: string;
  readonly file: string;
}

/** What the Hub says of a file without sending it. */
export interface FileMetadata {
  /** The commit that the revision stands for. */
  readonly commit: string;
  /** SHA-256 of a file in large file storage, git's SHA-1 of another. */
  readonly etag: string;
  /** Bytes, where the server says it. */
  readonly size?: number;
}

/** The repository is there, the file is not. */
export interface Absent {
  readonly absent: true;
  /** The commit that the revision stands for, where the server says it. */
  readonly commit?: string;
}

/** Milliseconds within which the server must begin to answer. */
const PATIENCE = 30_000;
const MOST_REDIRECTS = 10;

/**
 * Asks for a file's metadata (HEAD). The Hub names the digest and the size of a large file in its
 * redirect to the storage, so that is not followed.
 *
 * @throws {Temporary} if another attempt may succeed.
 * @throws {HubError} if none will.
 */
export async function describeFile(remote: RemoteFile): Promise<FileMetadata | Absent> {
  using client = systemClient();
  const { response, headers } = await ask("HEAD", addressOf(remote), remote, {}, client);
  await response.body?.cancel();
  const commit = headers.get("x-repo-commit") ?? undefined;
  if (response.status === 404) return { absent: true, commit: commit && checked(commit, remote) };
  const etag = normalise(headers.get("x-linked-etag") ?? headers.get("etag"));
  if (!commit || !etag) {
    throw new HubError(
      `Cannot read ${labelOf(remote)} at ${endpoint()}: what answers there is no Hugging Face ` +
        `Hub (${commit ? "ETag" : "X-Repo-Commit"} is missing); check HF_ENDPOINT and the proxy`,
    );
  }
  const size = Number(headers.get("x-linked-size") ?? headers.get("content-length") ?? NaN);
  return {
    commit: checked(commit, remote),
    etag: checked(etag, remote),
    ...(Number.isSafeInteger(size) ? { size } : {}),
  };
}

/**
 * Asks for a file's bytes from one on; the answer has status 200, 206 or 416.
 *
 * @throws {Temporary} if another attempt may succeed.
 * @throws {HubError} if none will.
 */
export async function openFile(
  remote: RemoteFile,
  start: number,
  signal: AbortSignal,
  client: Deno.HttpClient | undefined,
): Promise<Response> {
  const range = start > 0 ? { range: `bytes=${start}-` } : undefined;
  const { response } = await ask(
    "GET",
    addressOf(remote),
    remote,
    { headers: range, signal },
    client,
  );
  if (response.status !== 404) return response;
  await response.body?.cancel();
  throw new HubError(`Cannot download ${remote.file} of "${remote.id}": it is no longer there`);
}

/** Bytes of a description, however many files a repository has. */
const LARGEST_INFO = 256 << 20;

/**
 * Asks what the Hub knows of a data set at a revision, with the size and the digest of each file.
 *
 * @returns The JSON that it answers; undefined where there is no such data set, or it is private.
 * @throws {Temporary} if another attempt may succeed.
 * @throws {HubError} if none will.
 */
export async function fetchInfo(repository: Repository, revision: string): Promise<unknown> {
  using client = systemClient();
  const remote = { ...repository, revision, file: "the list of files" };
  const url = new URL(
    `${endpoint()}/api/${pageOf(repository)}/revision/${encodeURIComponent(revision)}?blobs=true`,
  );
  const { response } = await ask("GET", url, remote, {}, client);
  if (response.status === 404) {
    await response.body?.cancel();
    return undefined;
  }
  const refuse = (why: string, cause?: unknown) =>
    new HubError(
      `Cannot read ${
        labelOf(repository)
      } at ${endpoint()}: ${why}; check HF_ENDPOINT and the proxy`,
      { cause },
    );
  if (Number(response.headers.get("content-length") ?? 0) > LARGEST_INFO) {
    await response.body?.cancel();
    throw refuse("its list of files is too long");
  }
  try {
    return JSON.parse(await response.text());
  } catch (cause) {
    if (cause instanceof SyntaxError) {
      throw refuse("what answers there is no Hugging Face Hub", cause);
    }
    throw new Temporary(`Cannot fetch the list of files of ${labelOf(repository)}`, { cause });
  }
}

function addressOf(remote: RemoteFile): URL {
  const path = remote.file.split("/").map(encodeURIComponent).join("/");
  return new URL(
    `${endpoint()}/${pageOf(remote)}/resolve/${encodeURIComponent(remote.revision)}/${path}`,
  );
}

/**
 * Follows redirects by hand: the user's token goes to the Hub alone, never to the storage that it
 * redirects to.
 * @returns The answer, and the headers of all hops, where those of an earlier one count.
 */
async function ask(
  method: "HEAD" | "GET",
  start: URL,
  remote: RemoteFile,
  init: { headers?: Record<string, string>; signal?: AbortSignal },
  client: Deno.HttpClient | undefined,
): Promise<{ response: Response; headers: Headers }> {
  const hub = new URL(endpoint());
  const secret = token();
  let url = start;
  const headers = new Headers();
  for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
    const response = await send(url, method, remote, client, init.signal, {
      // Compressed on the way, the length that the server names would not be the file's.
      "accept-encoding": "identity",
      "user-agent": "vitrine",
      ...init.headers,
      ...(secret && url.origin === hub.origin ? { authorization: `Bearer ${secret}` } : {}),
    });
    for (const [name, value] of response.headers) if (!headers.has(name)) headers.set(name, value);
    const location = response.status >= 300 && response.status < 400
      ? response.headers.get("location")
      : null;
    if (location === null) return { response: await judge(response, remote, url), headers };
    await response.body?.cancel();
    if (!URL.canParse(location, url)) break;
    const next = new URL(location, url);
    if (!/^https?:$/.test(next.protocol)) break;
    const told = headers.has("x-linked-etag") ||
      (next.origin !== hub.origin && headers.has("etag"));
    if (method === "HEAD" && told && headers.has("x-repo-commit")) return { response, headers };
    // What a hop that only leads on says of itself is not about the file.
    if (!headers.has("x-linked-etag")) headers.delete("etag");
    if (!headers.has("x-linked-size")) headers.delete("content-length");
    url = next;
  }
  throw new HubError(
    `Cannot fetch ${remote.file} of "${remote.id}": ${hub.origin} redirects without an end; check HF_ENDPOINT`,
  );
}

async function send(
  url: URL,
  method: string,
  remote: RemoteFile,
  client: Deno.HttpClient | undefined,
  signal: AbortSignal | undefined,
  headers: Record<string, string>,
): Promise<Response> {
  // Asked first: Deno would put the question to the user.
  if (Deno.permissions.querySync({ name: "net", host: url.host }).state !== "granted") {
    throw new HubError(
      `Cannot ask ${url.origin} for ${labelOf(remote)}: this command does not use the network; ` +
        "`deno task validate` and `deno task run` do",
    );
  }
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), PATIENCE);
  try {
    return await fetch(url, {
      method,
      headers,
      client,
      redirect: "manual",
      signal: AbortSignal.any([late.signal, ...(signal ? [signal] : [])]),
    });
  } catch (error) {
    signal?.throwIfAborted();
    const why = late.signal.aborted
      ? `no answer in ${PATIENCE / 1000} seconds`
      : networkReason(error);
    throw new Temporary(`Cannot reach ${url.origin} for ${labelOf(remote)}: ${why}`, {
      unreachable: true,
      cause: error,
    });
  } finally {
    clearTimeout(timer);
  }
}

/** Weak or strong, an ETag counts without its quotes. */
function normalise(etag: string | null): string | undefined {
  return etag?.replace(/^W\//, "").replaceAll('"', "") || undefined;
}

/** Commits and ETags become names of files. */
function checked(text: string, remote: RemoteFile): string {
  if (isFileName(text)) return text;
  throw new HubError(
    `Cannot read ${labelOf(remote)}: ${JSON.stringify(text.slice(0, 100))}, which ` +
      `${endpoint()} sends, is neither a commit nor a digest; check HF_ENDPOINT`,
  );
}
