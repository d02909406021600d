import { posix } from "node:path";
import { BrokenImage } from "../imagefolder.ts";
import { ColumnReader } from "./column.ts";
import type { Columns } from "./columns.ts";
import type { ParquetFile } from "./file.ts";
import { rowOf } from "./labels.ts";

/** Images that rows without bytes may name: those that were listed, and so count in the key. */
export interface ImagesBeside {
  readonly folder: string;
  /** Relative to the folder, with `/`. */
  readonly files: ReadonlySet<string>;
}

/**
 * The bytes of images in the rows of some files. One page of one file is in memory at a time.
 */
export class RowImages {
  readonly #files: readonly ParquetFile[];
  readonly #columns: readonly Columns[];
  readonly #beside: ImagesBeside | undefined;
  #open?: { readonly file: number; readonly bytes: ColumnReader; readonly path?: ColumnReader };

  constructor(
    parts: readonly { readonly file: ParquetFile; readonly columns: Columns }[],
    beside: ImagesBeside | undefined,
  ) {
    this.#files = parts.map(({ file }) => file);
    this.#columns = parts.map(({ columns }) => columns);
    this.#beside = beside;
  }

  /**
   * The image file in a row.
   * @param row Of all files, one after the other.
   * @throws {BrokenImage} if there is none; what it is called is for the caller to say.
   * @throws {DamagedParquet}
   */
  read(row: number, shown: string): Uint8Array<ArrayBuffer> {
    const { file, at } = rowOf(this.#files, row);
    const { bytes, path } = this.#reader(file);
    const value = bytes.at(at);
    // A copy: what is kept of an image must not keep the page that it came in.
    if (value instanceof Uint8Array) return value.slice();
    const place = path?.at(at);
    if (typeof place !== "string" || place === "") throw new BrokenImage(shown, "it has no image");
    const name = posix.normalize(place);
    if (this.#beside?.files.has(name)) {
      return Deno.readFileSync(posix.join(this.#beside.folder, name));
    }
    throw new BrokenImage(
      shown,
      `it has no bytes, only the path ${
        JSON.stringify(place.slice(0, 100))
      }, which is no file here`,
    );
  }

  #reader(file: number) {
    if (this.#open?.file !== file) {
      const { image } = this.#columns[file];
      this.#open = {
        file,
        bytes: new ColumnReader(this.#files[file], image.bytes),
        path: image.path && new ColumnReader(this.#files[file], image.path),
      };
    }
    return this.#open;
  }
}
