import { join } from "node:path";
import { cacheFolder } from "../base/cache.ts";
import { UserError } from "../base/errors.ts";
import { CIFAR100_CLASSES, CIFAR100_SUPERCLASSES } from "./cifar100_classes.ts";
import { type ArchiveSource, type Contents, fetchOnce, type Piece } from "./fetched.ts";
import type { SourceReport } from "./fetched.ts";
import { interleave } from "./planes.ts";
import type { ImageSource } from "./raw_images.ts";
import { readTar } from "./tar.ts";

/** Which of its two labels an image has: one of 100 classes, or of 20 superclasses. */
export type Cifar100Labels = "fine" | "coarse";

/** CIFAR-100 (Krizhevsky 2009): 60,000 colour images of 32 x 32 pixels in 100 classes. */
export interface Cifar100 extends Disposable {
  /** Which source served it, for people. */
  readonly source: string;
  readonly classes: readonly string[];
  /** 50,000 images, in the order of the archive. */
  readonly train: ImageSource;
  /** 10,000 images. */
  readonly test: ImageSource;
}

/** Bytes of an image: three planes of 32 x 32. */
const IMAGE = 3072;
/** Bytes of a record: the coarse label, the fine label, the image. */
const RECORD = IMAGE + 2;
/** Records that are read at once while the labels are collected. */
const AT_ONCE = 512;

/** The archive's own files, as they are. Their digests are those of TorchVision for Ruby. */
const CONTENTS: Contents = {
  "train.bin": {
    bytes: 50_000 * RECORD,
    sha256: "f31298fc616915fa142368359df1c4ca2ae984d6915ca468b998a5ec6aeebf29",
  },
  "test.bin": {
    bytes: 10_000 * RECORD,
    sha256: "d8b1e6b7b3bee4020055f0699b111f60b1af1e262aeb93a0b659061746f8224a",
  },
};

/**
 * The only source: no npm package has it. The digest is that of TorchVision for Ruby, MLDatasets.jl
 * and GoMLX; the page of CIFAR-100 gives the MD5 03b5dce01913d631647c71ecec9e9cb8.
 */
const OFFICIAL: ArchiveSource = {
  name: "binary archive of the University of Toronto",
  url: "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
  file: "cifar-100-binary.tar.gz",
  sha256: "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
  bytes: 168_513_733,
};

/** What {@linkcode openCifar100} takes. The last three are for other places than the usual ones. */
export interface Cifar100Options {
  readonly labels?: Cifar100Labels;
  readonly report?: SourceReport;
  readonly signal?: AbortSignal;
  /** Where it is kept: `cifar100/` in the user's cache folder. */
  readonly folder?: string;
  readonly sources?: readonly ArchiveSource[];
  readonly contents?: Contents;
}

/**
 * Opens CIFAR-100; fetches it where the user's cache does not have it. What is kept is unpacked, 184
 * MB.
 *
 * @throws {UserError | Interrupted} as {@linkcode fetchOnce}.
 */
export async function openCifar100(options: Cifar100Options = {}): Promise<Cifar100> {
  const { labels = "fine", report, signal, contents = CONTENTS } = options;
  const data = await fetchOnce<ArchiveSource>({
    called: "CIFAR-100",
    folder: options.folder ?? join(cacheFolder(), "cifar100"),
    contents,
    sources: () => options.sources ?? [OFFICIAL],
    pieces: (_, archive) => pieces(archive, contents),
    report,
    signal,
  });
  const classes = labels === "fine" ? CIFAR100_CLASSES : CIFAR100_SUPERCLASSES;
  const train = await openRecords(join(data, "train.bin"), labels, classes.length);
  const test = await openRecords(join(data, "test.bin"), labels, classes.length);
  return {
    source: await Deno.readTextFile(join(data, "source")),
    classes,
    train,
    test,
    [Symbol.dispose]() {
      train[Symbol.dispose]();
      test[Symbol.dispose]();
    },
  };
}

/** The two files of the archive; what else is in it is passed over. */
async function* pieces(
  archive: ReadableStream<Uint8Array<ArrayBuffer>>,
  contents: Contents,
): AsyncGenerator<Piece> {
  for await (const entry of readTar(archive.pipeThrough(new DecompressionStream("gzip")))) {
    const file = /^cifar-100-binary\/(train\.bin|test\.bin)$/.exec(entry.name)?.[1];
    if (file === undefined) continue;
    if (entry.size !== contents[file].bytes) {
      throw new RangeError(`${entry.name} has ${entry.size} bytes, not ${contents[file].bytes}`);
    }
    let position = 0;
    for await (const bytes of entry.pieces()) {
      yield { file, position, bytes };
      position += bytes.length;
    }
  }
}

/** Opens a file of records as images `[n, 32, 32, 3]`. */
async function openRecords(
  path: string,
  which: Cifar100Labels,
  classes: number,
): Promise<ImageSource> {
  const count = (await Deno.stat(path)).size / RECORD;
  const file = await Deno.open(path);
  const readAt = (first: number, n: number): Uint8Array => {
    const records = new Uint8Array(n * RECORD);
    file.seekSync(first * RECORD, Deno.SeekMode.Start);
    for (let done = 0; done < records.length;) {
      const read = file.readSync(records.subarray(done));
      if (read === null) throw new RangeError(`Cannot read ${path}: it ends too early`);
      done += read;
    }
    return records;
  };
  const labels = new Int32Array(count);
  for (let first = 0; first < count; first += AT_ONCE) {
    const n = Math.min(AT_ONCE, count - first);
    const records = readAt(first, n);
    for (let i = 0; i < n; i++) {
      const label = records[i * RECORD + (which === "coarse" ? 0 : 1)];
      if (label >= classes) {
        file.close();
        throw new UserError(
          `Cannot use ${path}: image ${first + i} has the ${which} label ${label}`,
        );
      }
      labels[first + i] = label;
    }
  }
  return {
    count,
    height: 32,
    width: 32,
    labels,
    read(first, n, into = new Uint8Array(n * IMAGE)) {
      if (!(first >= 0 && n >= 0 && first + n <= count)) {
        throw new RangeError(`Cannot read images ${first} to ${first + n - 1}: there are ${count}`);
      }
      const records = readAt(first, n);
      for (let i = 0; i < n; i++) interleave(records, i * RECORD + 2, into, i * IMAGE);
      return into.subarray(0, n * IMAGE);
    },
    [Symbol.dispose]() {
      file.close();
    },
  };
}
