import { isFile, RepositoryCache } from "./cache.ts";
import { HubError } from "./errors.ts";
import { labelOf, type Repository } from "./repository.ts";
import { isOffline } from "./settings.ts";
import type { TransferOptions } from "./transfer.ts";

/** A file of a repository that is planned with. */
export interface HubFile {
  /** Relative to the repository, with `/`. */
  readonly name: string;
  /** SHA-256 of its content where the Hub names it, as for everything in large file storage. */
  readonly sha256?: string;
  /** What the Hub knows it by; undefined where the cache does not say. */
  readonly etag?: string;
  readonly size?: number;
}

/** Who is told of a download, and who may stop it. */
export interface FetchOptions extends Omit<TransferOptions, "onProgress"> {
  /** Bytes of all files that are here so far, of how many. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Brings what is missing of some files into the cache and checks every one against its digest. One
 * that is damaged is fetched again.
 *
 * @throws {HubError} if a file can't be had or is not what the Hub says it is.
 */
export async function fetchFiles(
  repository: Repository,
  commit: string,
  files: readonly HubFile[],
  options: FetchOptions = {},
): Promise<void> {
  const cache = new RepositoryCache(repository);
  const { faultOf } = await import("./transfer.ts");
  const missing: { name: string; etag: string; size?: number }[] = [];
  for (const { name, etag, size } of files) {
    if (etag === undefined) continue; // a description, or kept where no digest is known
    if (cache.has(commit, name)) {
      const path = `${cache.snapshot(commit)}/${name}`;
      const fault = await faultOf(path, { etag, size }, options.signal);
      if (fault === undefined) continue;
      options.warn?.(`${name} in the cache is damaged and is fetched again: ${fault}`);
      if (isFile(cache.blob(etag))) Deno.removeSync(cache.blob(etag));
    }
    missing.push({ name, etag, size });
  }
  const absent = missing.find(({ etag }) => !isFile(cache.blob(etag)));
  if (absent && isOffline()) {
    throw new HubError(
      `Cannot fetch ${absent.name} of ${labelOf(repository)}: HF_HUB_OFFLINE is set; unset it`,
    );
  }
  const total = missing.reduce((sum, { size }) => sum + (size ?? 0), 0);
  let before = 0;
  for (const file of missing) {
    const onProgress = (done: number) => options.onProgress?.(before + done, total);
    await fetchFile(repository, commit, file, { ...options, onProgress });
    before += file.size ?? 0;
  }
}

/**
 * Brings a file of a commit into the cache and shows it there under its name.
 * @throws {HubError} if it can't be had or is not what the Hub says it is.
 */
export async function fetchFile(
  repository: Repository,
  commit: string,
  file: HubFile & { readonly etag: string },
  options: TransferOptions = {},
): Promise<void> {
  const cache = new RepositoryCache(repository);
  const to = cache.blob(file.etag);
  if (!isFile(to)) {
    const { transfer } = await import("./transfer.ts"); // loads node:crypto
    const remote = { ...repository, revision: commit, file: file.name };
    await transfer({ remote, to, lock: cache.lock(file.etag), ...file }, options);
  }
  cache.show(commit, file.name, file.etag);
}

/** The SHA-256 that an ETag is, if it is one. */
export function sha256In(etag: string): string | undefined {
  return /^[0-9a-f]{64}$/.test(etag) ? etag : undefined;
}
