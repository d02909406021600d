import type { ImageInput } from "../../../data/decode_ahead.ts";
import type { DecodedImage } from "../../../data/imagefolder.ts";
import type { LeftOut } from "../../../data/left_out.ts";
import type { Size } from "../../../data/resample.ts";
import type { StageContext } from "../../stage.ts";
import type { PreprocessParams } from "../mod.ts";
import type { Origin } from "./parquet_locate.ts";

/** What a source is opened with. */
export type Context = StageContext<PreprocessParams, never>;

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
  /** In `dataset.json`: the kind of data set, or its public name; never a path. */
  readonly name: string;
  /** In a sentence: "the image folder". */
  readonly called: string;
  readonly classes: readonly string[];
  readonly train: ImageSource;
  /** Where the data set brings them itself. */
  readonly validation?: ImageSource;
  readonly test?: ImageSource;
  /** Of the images as they are read. */
  readonly size: Size;
  /** Whether they have already been resized (and cut) to what the model expects. */
  readonly resized: boolean;
  /** Where a public data set, or one with a card, came from. */
  readonly origin?: Origin;
  /** Broken images that are in none of the sources. */
  readonly skipped: readonly SkippedImage[];
  /** Files beside the images that are pictures of kinds that are not read. */
  readonly leftOut: LeftOut;
  /** Grey images of 16 bits that are mostly white once clipped, as far as images have been read. */
  readonly clipped: string[];
}

/** An image that was left out. */
export interface SkippedImage {
  /** Where it is in the data set: a path relative to the folder with `/`, a row, a member. */
  readonly path: string;
  readonly reason: string;
}

/** Image files of one split, none of which has been opened. */
export interface ListedImages {
  /** Class index of every image. */
  readonly labels: Int32Array;
  /** Where an image lies, and what errors call it. */
  input(row: number): ImageInput;
  /** What it is called in `dataset.json`, which names no path of this machine. */
  placeOf(row: number): string;
}

/** The splits of a data set of image files. */
export interface ListedSplits {
  readonly train: ListedImages;
  readonly validation?: ListedImages;
  readonly test?: ListedImages;
}

/** A data set of image files, none of which has been opened. */
export interface ImageListing extends Pick<Sources, "name" | "called" | "classes"> {
  readonly splits: ListedSplits;
  /** What the config calls it. */
  readonly shown: string;
  /** What a bad image can be taken out of: "the folder", "the list". */
  readonly container: string;
  /** Whether images that are left out are listed by their place, not split by split. */
  readonly byPlace?: boolean;
  /** What is in none of the splits already: rows without a label. */
  readonly skipped?: readonly SkippedImage[];
  readonly origin?: Origin;
  readonly leftOut?: LeftOut;
}
