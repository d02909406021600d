import { join } from "node:path";
import { cacheFolder } from "../base/cache.ts";
import { download } from "../base/download.ts";
import { Interrupted, messageOf, UserError } from "../base/errors.ts";
import { sha256File } from "../base/hash.ts";
import { lockFile } from "../base/lock.ts";
import { diskFull, explainCacheError, isDiskFull } from "../base/write_error.ts";
import { CIFAR10_CLASSES } from "./cifar10_classes.ts";
import { type Cifar10Source, cifar10Sources } from "./cifar10_sources.ts";
import { type ImageSource, openRawImages } from "./raw_images.ts";

/** CIFAR-10 (Krizhevsky 2009): 60,000 colour images of 32 x 32 pixels in ten classes. */
export interface Cifar10 extends Disposable {
  /** Which source served it, for people. */
  readonly source: string;
  readonly classes: string[];
  /** 50,000 images, in the order of the batches. */
  readonly train: ImageSource;
  /** 10,000 images. */
  readonly test: ImageSource;
}

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

/**
 * Images as `[n, 32, 32, 3]`, labels as `[n]`, uint8. The digests were computed from the npm
 * package; its batches, put into the form of the official archive, have the digests that are
 * published for the files of that archive (`data_batch_1.bin`: cee91656…, `test_batch.bin`:
 * 8e2eb146…), so both sources give these bytes.
 */
const CONTENTS: Contents = {
  "train-images": {
    bytes: 50_000 * 3072,
    sha256: "47af8b02cfcfb6cdf3dbbd1969ad7f1b70f4413f6f80f437b020ee4e5bc8304a",
  },
  "train-labels": {
    bytes: 50_000,
    sha256: "2b7cd2f24487317614016b72ffd53071c3062f592f0eb300c18a770d41ae1253",
  },
  "test-images": {
    bytes: 10_000 * 3072,
    sha256: "f9b1e2130bab680db56eb06d886f7f1ad0f1183907ceff4659d1735c890f5b04",
  },
  "test-labels": {
    bytes: 10_000,
    sha256: "cec8a24a1e92aa2ecaa0bbd3dbfa86bf6cd8759fbd209a832824c8cf0afca9d5",
  },
};

/** What {@linkcode openCifar10} takes. The last three are for other places than the usual ones. */
export interface Cifar10Options {
  readonly report?: SourceReport;
  readonly signal?: AbortSignal;
  /** Where it is kept: `cifar10/` in the user's cache folder. */
  readonly folder?: string;
  readonly sources?: readonly Cifar10Source[];
  readonly contents?: Contents;
}

/**
 * Opens CIFAR-10; fetches it where the user's cache does not have it. The sources are tried in
 * order; an archive that lies in the folder already is taken as it is. What is kept is unpacked,
 * 184 MB, checked against pinned digests whenever it is opened, and the same from every source. Two
 * processes fetch it once.
 *
 * @throws {UserError} if no source can be used (what failed with each, and what to do), or if the
 * cache cannot be written and has not all of it.
 * @throws {Interrupted} on the signal; what was downloaded so far is kept and gone on from.
 */
export async function openCifar10(options: Cifar10Options = {}): Promise<Cifar10> {
  const { signal, report, contents = CONTENTS } = options;
  const folder = options.folder ?? join(cacheFolder(), "cifar10");
  const data = join(folder, "data");
  try {
    // Looked at before it is locked: a cache that several people share may be one to read only.
    if (await check(data, contents) !== undefined) {
      using _ = await lockFile(join(folder, "lock"), {
        signal,
        onWait: (pid) => report?.line(`Waiting for process ${pid ?? "?"}, which fetches CIFAR-10`),
      });
      const damage = await check(data, contents);
      if (damage !== undefined) {
        if (damage) report?.warn(`CIFAR-10 in ${data} is damaged (${damage}); fetching it again`);
        await fetchInto(folder, data, options.sources ?? cifar10Sources(), contents, options);
      }
    }
  } catch (error) {
    if (signal?.aborted) throw new Interrupted();
    throw explainCacheError(error, "CIFAR-10", folder);
  }
  const size = { height: 32, width: 32 };
  const train = await openRawImages(join(data, "train-images"), join(data, "train-labels"), size);
  const test = await openRawImages(join(data, "test-images"), join(data, "test-labels"), size);
  return {
    source: await Deno.readTextFile(join(data, "source")),
    classes: [...CIFAR10_CLASSES],
    train,
    test,
    [Symbol.dispose]() {
      train[Symbol.dispose]();
      test[Symbol.dispose]();
    },
  };
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

async function fetchInto(
  folder: string,
  data: string,
  sources: readonly Cifar10Source[],
  contents: Contents,
  { report, signal }: Cifar10Options,
): Promise<void> {
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
      await unpack(archive, scratch, source, contents, { report, signal });
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
  throw new UserError(`Cannot fetch CIFAR-10. ${failures.join(". ")}`, {
    hint: `Check the network (HTTPS_PROXY, npm_config_registry), or put ${
      sources.map(({ file }) => file).join(" or ")
    } into ${folder}.`,
  });
}

async function unpack(
  archive: string,
  scratch: string,
  source: Cifar10Source,
  contents: Contents,
  { report, signal }: Cifar10Options,
): Promise<void> {
  using files = await openForWriting(scratch, contents);
  const total = (contents["train-images"].bytes + contents["test-images"].bytes) / 3072;
  let done = 0;
  for await (const part of source.parts((await Deno.open(archive)).readable)) {
    signal?.throwIfAborted();
    if (part.images) {
      files.write(`${part.split}-images`, part.first * 3072, part.images);
      done += part.images.length / 3072;
      report?.progress(done, total, "images", "unpacking");
    }
    if (part.labels) files.write(`${part.split}-labels`, part.first, part.labels);
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
