import { dirname, join } from "node:path";
import { z } from "zod";
import { cacheFolder } from "../base/cache.ts";
import { isFileName } from "../base/file_name.ts";
import { folderOf, isFilePath, type Repository } from "./repository.ts";

const schema = z.object({
  files: z.array(z.object({
    name: z.string().refine(isFilePath),
    etag: z.string().refine(isFileName).optional(),
    sha256: z.string().regex(/^[0-9a-f]{64}$/).optional(),
    size: z.number().optional(),
  })),
});

/** Files of a commit of a data set that may be wanted: parquet files, the card, programs. */
export type Listing = z.infer<typeof schema>;

/**
 * What the Hub said of a commit's files, so that a plan made again needs no network. A commit's
 * content never changes, so neither does this. Undefined where it is not known.
 */
export function readListing(repository: Repository, commit: string): Listing | undefined {
  try {
    return schema.parse(JSON.parse(Deno.readTextFileSync(pathOf(repository, commit))));
  } catch {
    return undefined;
  }
}

/** Keeps it. Where the disk can't, the Hub is asked again the next time. */
export function writeListing(repository: Repository, commit: string, listing: Listing): void {
  const path = pathOf(repository, commit);
  const temporary = `${path}.${Deno.pid}.tmp`;
  try {
    Deno.mkdirSync(dirname(path), { recursive: true });
    Deno.writeTextFileSync(temporary, JSON.stringify(listing));
    Deno.renameSync(temporary, path);
  } catch {
    // Only a cache.
  }
}

function pathOf(repository: Repository, commit: string): string {
  return join(cacheFolder(), "hub", folderOf(repository), `${commit}.json`);
}
