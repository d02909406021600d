import { openCifar10 } from "../../../data/cifar10.ts";
import { type Cifar100Labels, openCifar100 } from "../../../data/cifar100.ts";
import type { ImageSource as RawImages } from "../../../data/raw_images.ts";
import type { Context, ImageSource, Sources } from "./source.ts";

/** Opens CIFAR-10. */
export async function openCifarTen({ report, signal }: Context): Promise<Sources> {
  return sourcesOf("cifar10", await openCifar10({ report, signal }), report);
}

/** Opens CIFAR-100 with its 100 classes or its 20 superclasses. */
export async function openCifarHundred(
  { report, signal }: Context,
  labels: Cifar100Labels,
): Promise<Sources> {
  const name = labels === "fine" ? "cifar100" : "cifar100, coarse labels";
  return sourcesOf(name, await openCifar100({ labels, report, signal }), report);
}

interface Cifar {
  readonly source: string;
  readonly classes: readonly string[];
  readonly train: RawImages;
  readonly test: RawImages;
}

/** Their images have one size; they are stored as they are and resized on the way. */
function sourcesOf(name: string, cifar: Cifar, report: Context["report"]): Sources {
  report.record("source", cifar.source);
  const { height, width } = cifar.train;
  const source = ({ labels, read }: RawImages, split: string): ImageSource => ({
    labels,
    nameOf: (row) => `${split} image ${row}`,
    read: (rows) => readRuns(rows, height * width * 3, read),
  });
  return {
    name,
    called: name,
    classes: cifar.classes,
    train: source(cifar.train, "training"),
    test: source(cifar.test, "test"),
    size: { height, width },
    resized: false,
    skipped: [],
    leftOut: {},
    clipped: [],
  };
}

/** Reads neighbours at once: a row after the other would be one call an image. */
async function readRuns(
  rows: Int32Array,
  length: number,
  read: (first: number, n: number) => Uint8Array | Promise<Uint8Array>,
): Promise<Uint8Array> {
  const images = new Uint8Array(rows.length * length);
  for (let i = 0, next; i < rows.length; i = next) {
    for (next = i + 1; next < rows.length && rows[next] === rows[next - 1] + 1;) next++;
    images.set(await read(rows[i], next - i), i * length);
  }
  return images;
}
