import { join, relative } from "node:path";
import { UserError } from "../base/errors.ts";
import { digestOf } from "../base/digest.ts";
import type { OutsideFiles } from "../stages/stage.ts";
import type { Disk } from "./disk.ts";
import { keepListing, type Listing } from "./listing.ts";
import { Memo } from "./memo.ts";

/** Files outside the store as a key counts them. */
export interface Outside {
  readonly digest: string;
  /** What it is the digest of. */
  readonly listing: Listing;
}

/**
 * Digest of files outside the store: their names and bytes, not where they are. Each file is read
 * again only when its stat has changed.
 *
 * @param store Folder of the store, which keeps the memo.
 * @param save Whether the memo may be written, and the listing kept.
 * @throws {UserError} if a file is not there.
 */
export async function readOutside(
  disk: Disk,
  store: string,
  { root, files, digests = {} }: OutsideFiles,
  save: boolean,
  signal?: AbortSignal,
): Promise<Outside> {
  const shard = (await digestOf(relative(store, root))).slice(0, 16);
  const memo = await Memo.open<string>(disk, join(store, "memo", "files", `${shard}.json`), root);
  const all: [name: string, digest: string][] = [];
  for (const name of files) {
    if (Object.hasOwn(digests, name)) {
      all.push([name, digests[name]]);
      continue;
    }
    const path = join(root, name);
    const stat = disk.stat(path);
    if (!stat?.isFile) throw new UserError(`Cannot read ${path}: there is no such file`);
    let digest = memo.get(path, stat);
    if (digest === undefined) {
      digest = await disk.hash(path, signal);
      memo.set(path, stat, digest);
    }
    all.push([name, digest]);
  }
  // Lists of texts: JSON writes them in one way only, and plainly in a tenth of `canonicalJson`'s time.
  const digest = await digestOf(JSON.stringify(all));
  if (save) {
    await memo.save();
    keepListing(disk, store, shard, digest, all);
  }
  return { digest, listing: all };
}
