import { dirname, join } from "node:path";
import { z } from "zod";
import { cacheFolder } from "../base/cache.ts";
import { isFileName } from "../base/file_name.ts";
import type { Repository } from "./repository.ts";

const schema = z.record(
  z.string(),
  z.object({ etag: z.string().refine(isFileName), size: z.int().nonnegative().optional() }),
);
type Known = z.infer<typeof schema>;

/**
 * What the Hub said of a commit's large files before they were downloaded, so that a plan made again
 * needs no network. Hugging Face's cache has no place for it; it stands in the cache of this program.
 * A commit's content never changes, so neither does this; a file that is damaged is asked for again.
 */
export class KnownFiles {
  readonly #path: string;
  readonly #files: Known;

  constructor({ id }: Repository, commit: string) {
    this.#path = join(cacheFolder(), "hub", id.replace("/", "--"), `${commit}.json`);
    this.#files = read(this.#path);
  }

  get(file: string): Known[string] | undefined {
    return Object.hasOwn(this.#files, file) ? this.#files[file] : undefined;
  }

  /** Keeps it. Where the disk can't, the Hub is asked again the next time. */
  set(file: string, { etag, size }: Known[string]): void {
    this.#files[file] = { etag, size };
    const temporary = `${this.#path}.${Deno.pid}.tmp`;
    try {
      Deno.mkdirSync(dirname(this.#path), { recursive: true });
      Deno.writeTextFileSync(temporary, JSON.stringify(this.#files));
      Deno.renameSync(temporary, this.#path);
    } catch {
      // Only a cache.
    }
  }
}

function read(path: string): Known {
  try {
    return schema.parse(JSON.parse(Deno.readTextFileSync(path)));
  } catch {
    return {};
  }
}
