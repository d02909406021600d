import { openCifar10 } from "../../../data/cifar10.ts";
import type { Context, ImageSource, Sources } from "./source.ts";

/** CIFAR-10's images have one size; they are stored as they are and resized on the way. */
export async function openCifar({ report, signal }: Context): Promise<Sources> {
  const cifar = await openCifar10({ report, signal });
  report.record("source", cifar.source);
  const { height, width } = cifar.train;
  const source = ({ labels, read }: typeof cifar.train, split: string): ImageSource => ({
    labels,
    nameOf: (row) => `${split} image ${row}`,
    read: (rows) => readRuns(rows, height * width * 3, read),
  });
  return {
    name: "cifar10",
    called: "cifar10",
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
