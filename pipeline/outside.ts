import { join, relative, sep } from "node:path";
import { UserError } from "../base/errors.ts";
import { digestOf } from "../base/digest.ts";
import type { OutsideFiles } from "../stages/stage.ts";
import { type Disk, type FileStat, replaceFile } from "./disk.ts";
import { keepListing, type Listing } from "./listing.ts";
import { Memo, stampOf } from "./memo.ts";

/** Files outside the store as a key counts them. */
export interface Outside {
  readonly digest: string;
  /** What it is the digest of; undefined where nothing has changed: it was kept then. */
  readonly listing: Listing | undefined;
}

/**
 * Digest of files outside the store: their names and bytes, not where they are. Each file is read
 * again only when its stat has changed; where no stat has, the digest of the last time is taken without
 * a look at what each file came to.
 *
 * @param store Folder of the store, which keeps the memo.
 * @param save Whether the memo may be written, and the listing kept.
 * @throws {UserError} if a file is not there.
 */
export async function readOutside(
  disk: Disk,
  store: string,
  place: OutsideFiles,
  save: boolean,
  signal?: AbortSignal,
): Promise<Outside> {
  const shard = (await digestOf(relative(store, place.root))).slice(0, 16);
  const folder = join(store, "memo", "files");
  const stats = statAll(disk, place);
  const last = new LastTime(disk, join(folder, `${shard}.last`), await stampsOf(place, stats));
  const known = await last.digest();
  if (known !== undefined) return { digest: known, listing: undefined };

  const { root, files, digests = {} } = place;
  const memo = await Memo.open<string>(disk, join(folder, `${shard}.json`), root);
  const all: [name: string, digest: string][] = [];
  let read = 0;
  for (const [i, name] of files.entries()) {
    const stat = stats[i];
    const path = pathOf(root, name);
    let digest = stat ? memo.get(path, stat) : digests[name];
    if (digest === undefined) {
      digest = await disk.hash(path, signal);
      memo.set(path, stat!, digest);
      read++;
    }
    all.push([name, digest]);
  }
  // Lists of texts: JSON has one way to write them, and takes a tenth of `canonicalJson`'s time.
  const digest = await digestOf(JSON.stringify(all));
  if (save) {
    await memo.save();
    keepListing(disk, store, shard, digest, all);
    // What was read just now may still change unseen; what the memo knows may not.
    if (read === 0) await last.keep(digest);
  }
  return { digest, listing: all };
}

/** `join` would look at every letter of every path. */
const pathOf = (root: string, name: string) => root + sep + name;

/** Of each file in turn; undefined of those whose digest is known, which need not be there. */
function statAll(
  disk: Disk,
  { root, files, digests = {} }: OutsideFiles,
): (FileStat | undefined)[] {
  return files.map((name) => {
    if (Object.hasOwn(digests, name)) return undefined;
    const path = pathOf(root, name);
    const stat = disk.stat(path);
    if (!stat?.isFile) throw new UserError(`Cannot read ${path}: there is no such file`);
    return stat;
  });
}

/** Changes whenever a name, a stat or a digest that is known does. */
function stampsOf(
  { files, digests = {} }: OutsideFiles,
  stats: readonly (FileStat | undefined)[],
): Promise<string> {
  const lines = files.map((name, i) => {
    const stat = stats[i];
    return JSON.stringify([name, stat ? stampOf(stat) : digests[name]]);
  });
  return digestOf(lines.join("\n"));
}

/** What some files came to when they were looked at last: a line `STAMPS DIGEST CHECK`. */
class LastTime {
  readonly #disk: Disk;
  readonly #path: string;
  readonly #stamps: string;

  constructor(disk: Disk, path: string, stamps: string) {
    this.#disk = disk;
    this.#path = path;
    this.#stamps = stamps;
  }

  /** Undefined where a stamp has changed, and where the line is missing, cut or damaged. */
  async digest(): Promise<string | undefined> {
    try {
      const line = this.#disk.readText(this.#path) ?? "";
      const digest = line.split(" ")[1] ?? "";
      return line === await this.#line(digest) ? digest : undefined;
    } catch {
      return undefined;
    }
  }

  /** An error of the disk is swallowed: without the line all is only slower. */
  async keep(digest: string): Promise<void> {
    try {
      replaceFile(this.#disk, this.#path, await this.#line(digest));
    } catch {
      // A full disk is told by whoever needs it.
    }
  }

  async #line(digest: string): Promise<string> {
    const line = `${this.#stamps} ${digest}`;
    return `${line} ${await digestOf(line)}\n`;
  }
}
