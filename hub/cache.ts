import { basename, dirname, join } from "node:path";
import { isFileName } from "../base/file_name.ts";
import { explainCacheError } from "./errors.ts";
import { folderOf, isFilePath, type Repository } from "./repository.ts";
import { cacheFolder } from "./settings.ts";

/**
 * One repository in the cache of Hugging Face's Python library, in its layout, so that each uses
 * what the other fetched:
 *
 *     models--owner--name/refs/main                         a commit
 *     models--owner--name/snapshots/COMMIT/config.json      -> ../../blobs/ETAG
 *     models--owner--name/blobs/ETAG                        a file's bytes
 *     models--owner--name/.no_exist/COMMIT/FILE             the commit has no such file
 *     .locks/models--owner--name/ETAG.lock
 *
 * Those of data sets are `datasets--owner--name`, and their files may lie in folders.
 *
 * @see https://huggingface.co/docs/huggingface_hub/guides/manage-cache
 */
export class RepositoryCache {
  readonly #folder: string;
  readonly #locks: string;

  constructor(repository: Repository) {
    const name = folderOf(repository);
    this.#folder = join(cacheFolder(), name);
    this.#locks = join(cacheFolder(), ".locks", name);
  }

  /** The folder that shows a commit's files under their names. */
  snapshot(commit: string): string {
    return join(this.#folder, "snapshots", safe(commit));
  }

  blob(etag: string): string {
    return join(this.#folder, "blobs", safe(etag));
  }

  lock(etag: string): string {
    return join(this.#locks, `${safe(etag)}.lock`);
  }

  /** The commit that a revision stood for when it was last asked. */
  commitOf(revision: string): string | undefined {
    try {
      const commit = Deno.readTextFileSync(join(this.#folder, "refs", revision)).trim();
      return isFileName(commit) ? commit : undefined;
    } catch {
      return undefined;
    }
  }

  /** Keeps it. Where the disk can't, the Hub is asked again the next time. */
  remember(revision: string, commit: string): void {
    if (revision !== commit) keep(join(this.#folder, "refs", revision), commit);
  }

  /** Whether a file of a commit is here. */
  has(commit: string, file: string): boolean {
    return isFile(join(this.snapshot(commit), safePath(file)));
  }

  /** The name of the blob that a file of a commit is; undefined where it is no link. */
  etagOf(commit: string, file: string): string | undefined {
    try {
      const etag = basename(Deno.readLinkSync(join(this.snapshot(commit), safePath(file))));
      return isFileName(etag) ? etag : undefined;
    } catch {
      return undefined; // a disk without links keeps the file itself there
    }
  }

  /** Whether a commit is known to lack a file. */
  lacks(commit: string, file: string): boolean {
    return isFile(join(this.#folder, ".no_exist", safe(commit), safePath(file)));
  }

  /** Keeps it. Where the disk can't, the Hub is asked again the next time. */
  rememberLack(commit: string, file: string): void {
    keep(join(this.#folder, ".no_exist", safe(commit), safePath(file)), "");
  }

  /**
   * Shows a blob as a file of a commit. On a disk without links the file moves there.
   * @throws {HubError} if the cache cannot be written.
   */
  show(commit: string, file: string, etag: string): void {
    const path = join(this.snapshot(commit), safePath(file));
    const temporary = `${path}.${Deno.pid}.tmp`;
    try {
      Deno.mkdirSync(dirname(path), { recursive: true });
      try {
        const up = "../".repeat(file.split("/").length + 1);
        Deno.symlinkSync(`${up}blobs/${safe(etag)}`, temporary);
      } catch (error) {
        if (!isWithoutLinks(error)) throw error;
        Deno.renameSync(this.blob(etag), path);
        return;
      }
      Deno.renameSync(temporary, path);
    } catch (error) {
      throw explainCacheError(error, path);
    }
  }
}

/** Whether a link failed for want of them: Windows asks for a privilege, FAT has none. */
function isWithoutLinks(error: unknown): boolean {
  return error instanceof Deno.errors.NotSupported ||
    error instanceof Deno.errors.PermissionDenied || Deno.build.os === "windows";
}

function keep(path: string, text: string): void {
  const temporary = `${path}.${Deno.pid}.tmp`;
  try {
    Deno.mkdirSync(dirname(path), { recursive: true });
    Deno.writeTextFileSync(temporary, text);
    Deno.renameSync(temporary, path);
  } catch {
    // Only remembered.
  }
}

/** Whether there is a file, following links. */
export function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** Lets only plain names become part of a path. Callers check first; this is the last gate. */
function safe(name: string): string {
  if (!isFileName(name)) throw new Error(`"${name}" is no name of a file in the cache`);
  return name;
}

/** The same of a path below a commit's folder. */
function safePath(path: string): string {
  if (!isFilePath(path)) throw new Error(`"${path}" is no path of a file in the cache`);
  return path;
}
