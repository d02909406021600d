import { join } from "node:path";
import { download } from "../base/download.ts";
import { Interrupted, messageOf, UserError } from "../base/errors.ts";
import { sha256File } from "../base/hash.ts";
import { lockFile } from "../base/lock.ts";
import { diskFull, explainCacheError, isDiskFull } from "../base/write_error.ts";

/** Whoever waits, and what they want to know. The stages' `Report` is one. */
export interface SourceReport {
  progress(done: number, total: number, unit: string, detail?: string): void;
  line(text: string): void;
  warn(text: string): void;
}

/** The files that are kept, with the size and SHA-256 that they have whatever the source was. */
export type Contents = Readonly<
  Record<string, { readonly bytes: number; readonly sha256: string }>
>;

/** Bytes of one of the files that are kept. */
export interface Piece {
  /** Name of the file in {@linkcode Contents}. */
  readonly file: string;
  /** Where in the file they belong. */
  readonly position: number;
  readonly bytes: Uint8Array;
}

/** Where a data set can be had as one archive. */
export interface ArchiveSource {
  /** For people. */
  readonly name: string;
  readonly url: string;
  /** Name of the archive's file. */
  readonly file: string;
  readonly sha256: string;
  /** Size of the archive. */
  readonly bytes: number;
}

/** A data set that is fetched once and kept unpacked. */
export interface Fetched<Source extends ArchiveSource> {
  /** For people: "CIFAR-10". */
  readonly called: string;
  /** Where it is kept: the archive while it is fetched, and `data/`. */
  readonly folder: string;
  readonly contents: Contents;
  readonly sources: () => readonly Source[];
  /** Takes an archive apart, in any order. */
  pieces(source: Source, archive: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncIterable<Piece>;
  readonly report?: SourceReport;
  readonly signal?: AbortSignal;
}

/**
 * Fetches a data set where the cache does not have it, and says where its files are. The sources are
 * tried in order; an archive that lies in the folder already is taken as it is. What is kept is
 * checked against pinned digests every time, and the same from every source. Two processes fetch it
 * once. Which source served it stands in the file `source`.
 *
 * @returns The folder with the files.
 * @throws {UserError} if no source can be used (what failed with each, and what to do), or if the
 * cache cannot be written and has not all of it.
 * @throws {Interrupted} on the signal; what was downloaded so far is kept and gone on from.
 */
export async function fetchOnce<Source extends ArchiveSource>(
  wanted: Fetched<Source>,
): Promise<string> {
  const { called, folder, contents, report, signal } = wanted;
  const data = join(folder, "data");
  try {
    // Looked at before it is locked: a cache that several people share may be one to read only.
    if (await check(data, contents) !== undefined) {
      using _ = await lockFile(join(folder, "lock"), {
        signal,
        onWait: (pid) => report?.line(`Waiting for process ${pid ?? "?"}, which fetches ${called}`),
      });
      const damage = await check(data, contents);
      if (damage !== undefined) {
        if (damage) report?.warn(`${called} in ${data} is damaged (${damage}); fetching it again`);
        await fetchInto(wanted, data);
      }
    }
  } catch (error) {
    if (signal?.aborted) throw new Interrupted();
    throw explainCacheError(error, called, folder);
  }
  return data;
}

/** Undefined: all is well. An empty text: there is nothing. Else what is wrong. */
async function check(data: string, contents: Contents): Promise<string | undefined> {
  try {
    await Deno.stat(join(data, "source"));
  } catch {
    return "";
  }
  for (const [name, { bytes, sha256 }] of Object.entries(contents)) {
    const path = join(data, name);
    const stat = await Deno.stat(path).catch(() => undefined);
    if (!stat) return `${name} is missing`;
    if (stat.size !== bytes) return `${name} has ${stat.size} bytes, not ${bytes}`;
    if (await sha256File(path) !== sha256) return `${name} is not what it should be`;
  }
}

async function fetchInto<Source extends ArchiveSource>(
  wanted: Fetched<Source>,
  data: string,
): Promise<void> {
  const { called, folder, contents, report, signal } = wanted;
  const sources = wanted.sources();
  const failures: string[] = [];
  for (const source of sources) {
    const archive = join(folder, source.file);
    const scratch = join(folder, "scratch");
    try {
      await download({
        url: source.url,
        to: archive,
        sha256: source.sha256,
        size: source.bytes,
        signal,
        onProgress: (done, total) => report?.progress(done, total, "bytes", source.name),
      });
      await remove(scratch); // of a process that was killed; nobody else has the lock
      await Deno.mkdir(scratch, { recursive: true });
      await unpack(wanted, source, archive, scratch);
      await Deno.writeTextFile(join(scratch, "source"), source.name);
      const damage = await check(scratch, contents);
      if (damage !== undefined) throw new UserError(`Cannot use ${source.url}: ${damage}`);
      await remove(data);
      await Deno.rename(scratch, data);
      for (const { file } of sources) { // what an earlier source left half is of no use now
        await remove(join(folder, file));
        await remove(join(folder, `${file}.part`));
      }
      return;
    } catch (error) {
      await remove(scratch);
      signal?.throwIfAborted();
      if (isDiskFull(error)) throw diskFull(folder, error);
      failures.push(messageOf(error));
      if (source !== sources.at(-1)) report?.warn(`${messageOf(error)}; trying the next source`);
    }
  }
  throw new UserError(`Cannot fetch ${called}. ${failures.join(". ")}`, {
    hint: `Check the network (HTTPS_PROXY, npm_config_registry), or put ${
      sources.map(({ file }) => file).join(" or ")
    } into ${folder}.`,
  });
}

async function unpack<Source extends ArchiveSource>(
  { contents, pieces, report, signal }: Fetched<Source>,
  source: Source,
  archive: string,
  scratch: string,
): Promise<void> {
  using files = await openForWriting(scratch, contents);
  const total = Object.values(contents).reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  for await (
    const { file, position, bytes } of pieces(source, (await Deno.open(archive)).readable)
  ) {
    signal?.throwIfAborted();
    files.write(file, position, bytes);
    report?.progress(done += bytes.length, total, "bytes", "unpacking");
  }
  files.sync();
}

/** New files for positioned writing. */
async function openForWriting(folder: string, contents: Contents) {
  const files = new Map<string, Deno.FsFile>();
  for (const name of Object.keys(contents)) {
    files.set(name, await Deno.open(join(folder, name), { write: true, createNew: true }));
  }
  return {
    write(name: string, position: number, bytes: Uint8Array): void {
      const file = files.get(name)!;
      file.seekSync(position, Deno.SeekMode.Start);
      for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
    },
    sync(): void {
      for (const file of files.values()) file.syncSync();
    },
    [Symbol.dispose](): void {
      for (const file of files.values()) file.close();
    },
  };
}

async function remove(path: string): Promise<void> {
  await Deno.remove(path, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}
