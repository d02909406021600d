import { isAbsolute, join } from "node:path";
import { openCifar10 } from "../../data/cifar10.ts";
import { decodeAhead } from "../../data/decode_ahead.ts";
import {
  BrokenImage,
  type DecodedImage,
  decodeImage,
  type FolderImages,
  listImageFolder,
} from "../../data/imagefolder.ts";
import type { LeftOut } from "../../data/left_out.ts";
import type { Size } from "../../data/resample.ts";
import { createTransform, type Transform } from "../../data/transform.ts";
import type { StageContext } from "../stage.ts";
import { brokenError, imageFile, leaveOutBroken, type SkippedImage } from "./broken.ts";
import type { PreprocessParams } from "./mod.ts";

type Context = StageContext<PreprocessParams, never>;

/** Images of one split as their source gives them. */
export interface ImageSource {
  /** Class index of every image. */
  readonly labels: Int32Array;
  /** What people call an image: its path as they would write it, or its number. */
  nameOf(row: number): string;
  /** One image as it is in its file, where that differs from what `read` gives. */
  original?(row: number): Promise<DecodedImage>;
  /** Images with these numbers, uint8 `[n, height, width, 3]`. */
  read(rows: Int32Array): Promise<Uint8Array>;
}

/** Some images of a source. */
export interface ImageRows {
  readonly source: ImageSource;
  readonly rows: Int32Array;
}

/** A data set before any image is left out or held back. */
export interface Sources {
  readonly name: string;
  readonly classes: readonly string[];
  readonly train: ImageSource;
  /** Where the data set brings them itself. */
  readonly validation?: ImageSource;
  readonly test?: ImageSource;
  /** Of the images as they are read. */
  readonly size: Size;
  /** Whether they have already been resized (and cut) to what the model expects. */
  readonly resized: boolean;
  /** Broken images that are in none of the sources. */
  readonly skipped: readonly SkippedImage[];
  /** Files beside the images that are pictures of kinds that are not read. */
  readonly leftOut: LeftOut;
  /** Grey images of 16 bits that are mostly white once clipped, as far as images have been read. */
  readonly clipped: string[];
}

/** Opens what the config names. */
export async function openSources(context: Context): Promise<Sources> {
  const { dataset } = context.params;
  return dataset === "cifar10"
    ? await openCifar(context)
    : await openFolder(context, dataset.imagefolder);
}

/** CIFAR-10's images have one size; they are stored as they are and resized on the way. */
async function openCifar({ report, signal }: Context): Promise<Sources> {
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

/** Files have any size; they are stored as the model gets them, so that all are of one. */
async function openFolder(
  { params, project, report, signal }: Context,
  folder: string,
): Promise<Sources> {
  const root = isAbsolute(folder) ? folder : join(project, folder);
  const place = { root, shown: folder };
  report.record("source", root);
  const listed = listImageFolder(root);
  const { splits, skipped } = params.on_bad_image === "skip"
    ? await leaveOutBroken(place, listed, report, signal)
    : { splits: listed.splits, skipped: [] };
  const [height, width] = params.image_size as [number, number];
  const transforms = new Map<string, Transform>();
  const transformFrom = (from: Size): Transform => {
    const key = `${from.height}x${from.width}`;
    const known = transforms.get(key);
    if (known) return known;
    // Each has working memory as large as its images; a folder may have a size for every file.
    if (transforms.size >= 16) transforms.clear();
    const transform = createTransform({
      from,
      resize: { ...params.resize!, resample: params.resample! },
      crop: { height, width },
      rescale_factor: params.rescale_factor!,
      ...params.normalize!,
    });
    transforms.set(key, transform);
    return transform;
  };
  const clipped: string[] = [];
  const source = ({ files, labels }: FolderImages): ImageSource => ({
    labels,
    nameOf: (row) => imageFile(place, files[row]).shown,
    original(row) {
      const { path, shown } = imageFile(place, files[row]);
      return decodeImage(path, shown);
    },
    async read(rows) {
      const length = height * width * 3;
      const images = new Uint8Array(rows.length * length);
      const broken: BrokenImage[] = [];
      let i = 0;
      const wanted = Array.from(rows, (row) => imageFile(place, files[row]));
      for await (const image of decodeAhead(wanted)) {
        signal.throwIfAborted();
        const { shown } = wanted[i];
        const into = images.subarray(i * length, ++i * length);
        if (image instanceof BrokenImage) broken.push(image);
        else {
          if (image.clipped) clipped.push(shown);
          transformFrom(image).resize(image.pixels, into);
        }
      }
      if (broken.length > 0) throw brokenError(broken);
      return images;
    },
  });
  return {
    // Not the folder's name: a folder that is renamed holds the same images.
    name: "imagefolder",
    classes: listed.classes,
    train: source(splits.train),
    validation: splits.validation && source(splits.validation),
    test: splits.test && source(splits.test),
    size: { height, width },
    resized: true,
    skipped,
    leftOut: listed.leftOut,
    clipped,
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
