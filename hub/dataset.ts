import { z } from "zod";
import { isFileName } from "../base/file_name.ts";
import { RepositoryCache } from "./cache.ts";
import { HubError } from "./errors.ts";
import { fetchFile, type HubFile, sha256In } from "./fetch.ts";
import { describeFile, fetchInfo } from "./http.ts";
import { type Listing, readListing, writeListing } from "./listing.ts";
import type { HubName } from "./name.ts";
import { isFilePath, labelOf, type Repository } from "./repository.ts";
import { persist } from "./retry.ts";
import { cacheFolder, isOffline, refreshing } from "./settings.ts";

/** The branch on which the Hub keeps data sets of other kinds as parquet files. */
export const CONVERTED = "refs/convert/parquet";

const README = "README.md";
const ATTEMPTS = 4;
/** Bytes; the front matter of a data set with many configs is long. */
const LARGEST_README = 16 << 20;

/** A data set of the Hub, as far as a plan needs it: none of its data is here. */
export interface HubDataset {
  readonly id: string;
  readonly revision: string;
  /** What the revision stood for when it was asked for. */
  readonly commit: string;
  /** Folder in the cache with the files of the commit, once they are fetched. */
  readonly folder: string;
  /** Its parquet files, with digest and size where the Hub named them. */
  readonly files: readonly HubFile[];
  /** Its card; undefined where it has none. */
  readonly readme?: string;
  /** Programs that load it, which are never run. */
  readonly scripts: readonly string[];
}

/** What the Hub's API answers, as far as it counts. */
const infoSchema = z.object({
  sha: z.string().refine(isFileName),
  disabled: z.boolean().optional(),
  siblings: z.array(z.object({
    rfilename: z.string(),
    size: z.number().optional(),
    blobId: z.string().optional(),
    lfs: z.object({ sha256: z.string().optional() }).nullish(),
  })),
});

/**
 * Finds out what a data set is: the commit of its revision, once, the list of its files with their
 * digests, and its card. What is known of a commit already is not asked for.
 *
 * @throws {HubError} if it can't be had: one sentence with what to do.
 */
export async function describeDataset({ id, revision }: HubName): Promise<HubDataset> {
  const repository: Repository = { id, kind: "dataset" };
  const cache = new RepositoryCache(repository);
  const commit = /^[0-9a-f]{40}$/.test(revision)
    ? revision
    : refreshing()
    ? undefined
    : cache.commitOf(revision);
  let listing = commit === undefined ? undefined : readListing(repository, commit);
  let known = commit;
  if (known === undefined || listing === undefined) {
    const asked = await askFor(repository, revision, commit);
    known = asked.commit;
    listing = asked.listing;
    cache.remember(revision, known);
    writeListing(repository, known, listing);
  }
  return {
    id,
    revision,
    commit: known,
    folder: cache.snapshot(known),
    files: listing.files.filter(({ name }) => /\.parquet$/i.test(name)),
    readme: await readReadme(repository, known, listing),
    scripts: listing.files.map(({ name }) => name).filter((name) => name.endsWith(".py")),
  };
}

/**
 * Files with what the Hub knows of each: where the list of a mirror does not name digests, each is
 * asked for.
 */
export async function digestsOf(
  { id, commit }: HubDataset,
  files: readonly HubFile[],
): Promise<HubFile[]> {
  const repository: Repository = { id, kind: "dataset" };
  const described: HubFile[] = [];
  for (const file of files) {
    if (file.etag !== undefined) described.push(file);
    else described.push(await describe(repository, commit, file.name));
  }
  const listing = readListing(repository, commit);
  if (listing && files.some(({ etag }) => etag === undefined)) {
    const better = new Map(described.map((file) => [file.name, file]));
    const all = listing.files.map((file) => better.get(file.name) ?? file);
    writeListing(repository, commit, { files: all });
  }
  return described;
}

/** Asks the Hub for the commit of a revision and the list of its files. */
async function askFor(
  repository: Repository,
  revision: string,
  commit: string | undefined,
): Promise<{ commit: string; listing: Listing }> {
  const label = labelOf(repository);
  if (isOffline()) {
    throw new HubError(
      `Cannot find ${label} in ${cacheFolder()}: HF_HUB_OFFLINE is set; unset it to ask the Hub`,
    );
  }
  const answer = await persist(() => fetchInfo(repository, commit ?? revision), {
    attempts: ATTEMPTS,
  });
  if (answer === undefined) {
    throw new HubError(
      `Cannot find ${label} on the Hub: there is none, or it is private; check the name, or set ` +
        "HF_TOKEN if it is yours",
    );
  }
  const info = infoSchema.safeParse(answer);
  if (!info.success) {
    throw new HubError(
      `Cannot read ${label}: what answers is no Hugging Face Hub; check HF_ENDPOINT and the proxy`,
    );
  }
  if (info.data.disabled) throw new HubError(`Cannot use ${label}: the Hub has disabled it`);
  const files = info.data.siblings
    .filter(({ rfilename: name }) => name === README || /\.(parquet|py)$/i.test(name))
    .map(({ rfilename: name, size, blobId, lfs }) => {
      const sha256 = lfs?.sha256 && sha256In(lfs.sha256);
      const etag = sha256 || (blobId !== undefined && isFileName(blobId) ? blobId : undefined);
      return {
        name,
        ...(etag && { etag }),
        ...(sha256 && { sha256 }),
        ...(size !== undefined && { size }),
      };
    });
  const odd = files.find(({ name }) => !isFilePath(name));
  if (odd) {
    throw new HubError(
      `Cannot use ${label}: its file ${
        JSON.stringify(odd.name.slice(0, 100))
      } has a name that is ` +
        "none on every disk",
    );
  }
  return { commit: info.data.sha, listing: { files } };
}

/** The text of the card, which is fetched once. */
async function readReadme(
  repository: Repository,
  commit: string,
  { files }: Listing,
): Promise<string | undefined> {
  const listed = files.find(({ name }) => name === README);
  if (!listed) return undefined;
  const cache = new RepositoryCache(repository);
  if (!cache.has(commit, README)) {
    const file = listed.etag === undefined ? await describe(repository, commit, README) : listed;
    if ((file.size ?? 0) > LARGEST_README) return undefined;
    if (isOffline()) {
      throw new HubError(
        `Cannot find ${README} of ${labelOf(repository)} in ${cacheFolder()}: HF_HUB_OFFLINE is ` +
          "set; unset it to ask the Hub",
      );
    }
    await fetchFile(repository, commit, { ...file, etag: file.etag! });
  }
  return await Deno.readTextFile(`${cache.snapshot(commit)}/${README}`);
}

async function describe(repository: Repository, commit: string, name: string): Promise<HubFile> {
  const label = labelOf(repository);
  if (isOffline()) {
    throw new HubError(
      `Cannot find ${name} of ${label} in ${cacheFolder()}: HF_HUB_OFFLINE is set; unset it`,
    );
  }
  const found = await persist(
    () => describeFile({ ...repository, revision: commit, file: name }),
    { attempts: ATTEMPTS },
  );
  if ("absent" in found) throw new HubError(`Cannot find ${name} of ${label} on the Hub`);
  const { etag, size } = found;
  const sha256 = sha256In(etag);
  return { name, etag, ...(sha256 && { sha256 }), ...(size !== undefined && { size }) };
}
