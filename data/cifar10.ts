import { join } from "node:path";
import { cacheFolder } from "../base/cache.ts";
import { CIFAR10_CLASSES } from "./cifar10_classes.ts";
import { type Cifar10Source, cifar10Sources } from "./cifar10_sources.ts";
import { type Contents, fetchOnce, type Piece, type SourceReport } from "./fetched.ts";
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
 * Opens CIFAR-10; fetches it where the user's cache does not have it. What is kept is unpacked, 184
 * MB.
 *
 * @throws {UserError | Interrupted} as {@linkcode fetchOnce}.
 */
export async function openCifar10(options: Cifar10Options = {}): Promise<Cifar10> {
  const { signal, report, contents = CONTENTS } = options;
  const data = await fetchOnce<Cifar10Source>({
    called: "CIFAR-10",
    folder: options.folder ?? join(cacheFolder(), "cifar10"),
    contents,
    sources: () => options.sources ?? cifar10Sources(),
    pieces,
    report,
    signal,
  });
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

/** Where the parts of an archive belong in the files that are kept. */
async function* pieces(
  source: Cifar10Source,
  archive: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Piece> {
  for await (const { split, first, images, labels } of source.parts(archive)) {
    if (images) yield { file: `${split}-images`, position: first * 3072, bytes: images };
    if (labels) yield { file: `${split}-labels`, position: first, bytes: labels };
  }
}
