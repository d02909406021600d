import { crc32 } from "node:zlib";
import type { DecodedArray, PageHeader, SchemaTree } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { parquetHeader } from "hyparquet/src/column.js";
import { DEFAULT_PARSERS } from "hyparquet/src/convert.js";
import { DamagedParquet, type ParquetFile, readBytes } from "./file.ts";
import { Fault } from "./runs.ts";
import { type ColumnDecoder, isList, readDictionary, readValues, type Value } from "./values.ts";

/** A column's part of a row group. */
interface Chunk {
  readonly group: number;
  /** Its first row in the file, and the row after its last. */
  readonly first: number;
  readonly end: number;
  /** Bytes of the file. */
  readonly from: number;
  readonly to: number;
  readonly decoder: ColumnDecoder;
}

/** A page, found by its header. */
interface Page {
  readonly header: PageHeader;
  /** Bytes of its body. */
  readonly from: number;
  readonly to: number;
  /** Rows: the first in the file, and the row after the last. */
  readonly first: number;
  readonly end: number;
}

/** Bytes of a page, packed or unpacked. Writers aim at one MiB; some take a thousand rows a page. */
const LARGEST_PAGE = 1 << 30;
/** Bytes that are read for a header; more where a header is longer. */
const HEADER = 1 << 10;
/** Bytes; statistics of a page may hold its smallest and largest value. */
const LONGEST_HEADER = 16 << 20;

/**
 * Reads one column of a parquet file page by page: at any time one page is in memory (and the
 * dictionary of a row group that has one), however large row groups are. Pages are found by their
 * headers, so no index is needed.
 */
export class ColumnReader {
  readonly #file: ParquetFile;
  readonly #name: string;
  readonly #chunks: readonly Chunk[];
  #pages?: { readonly chunk: Chunk; readonly pages: readonly Page[]; dictionary?: DecodedArray };
  #values?: { readonly page: Page; readonly values: readonly Value[] };

  /**
   * @param path Of the column's schema, from the root to a leaf.
   * @throws {DamagedParquet} if a row group lacks it, or it lies outside of the file.
   */
  constructor(file: ParquetFile, path: readonly SchemaTree[]) {
    if (isList(path)) throw new RangeError("Cannot read lists");
    this.#file = file;
    this.#name = path.at(-1)!.path.join(".");
    this.#chunks = this.#locate(path);
  }

  /** The value of a row. Rows are best asked for in order. @throws {DamagedParquet} */
  at(row: number): Value {
    const known = this.#values;
    if (known && row >= known.page.first && row < known.page.end) {
      return known.values[row - known.page.first];
    }
    const chunk = this.#chunks.find(({ first, end }) => row >= first && row < end);
    if (!chunk) throw new RangeError(`Cannot read row ${row} of ${this.#file.rows}`);
    const { pages } = this.#open(chunk);
    const page = pages.find(({ first, end }) => row >= first && row < end)!;
    this.#values = undefined; // not two at once
    const values = this.#decode(page);
    this.#values = { page, values };
    return values[row - page.first];
  }

  #locate(path: readonly SchemaTree[]): Chunk[] {
    const leaf = path.at(-1)!;
    const place = leaf.path.join("\0");
    let first = 0;
    return this.#file.metadata.row_groups.map((group, index) => {
      const end = first + Number(group.num_rows);
      const meta = group.columns.find(({ meta_data }) =>
        meta_data?.path_in_schema.join("\0") === place
      )?.meta_data;
      if (!meta) throw this.#damaged(index, "it is not there");
      const from = Number(meta.dictionary_page_offset || meta.data_page_offset);
      const to = from + Number(meta.total_compressed_size);
      if (!(from >= 4 && to >= from && to <= this.#file.size)) {
        throw this.#damaged(index, "it would lie outside of the file");
      }
      const decoder: ColumnDecoder = {
        pathInSchema: leaf.path,
        type: leaf.element.type!,
        element: leaf.element,
        schemaPath: [...path],
        codec: meta.codec,
        parsers: DEFAULT_PARSERS,
        compressors,
        utf8: false,
      };
      const chunk = { group: index, first, end, from, to, decoder };
      first = end;
      return chunk;
    });
  }

  /** Finds the pages of a chunk, by their headers alone, and reads its dictionary. */
  #open(chunk: Chunk) {
    if (this.#pages?.chunk === chunk) return this.#pages;
    this.#pages = undefined;
    const pages: Page[] = [];
    let dictionary: DecodedArray | undefined;
    let row = chunk.first;
    for (let at = chunk.from; row < chunk.end;) {
      const { header, from, to } = this.#header(chunk, at);
      const page = { header, from, to, first: row, end: row };
      if (header.type === "DICTIONARY_PAGE" && header.dictionary_page_header) {
        const { num_values } = header.dictionary_page_header;
        if (dictionary || !(isCount(num_values) && num_values <= header.uncompressed_page_size)) {
          throw this.#damaged(chunk.group, "its dictionary can't be");
        }
        dictionary = this.#within(
          chunk,
          () => readDictionary(header, this.#body(page), chunk.decoder),
        );
      } else {
        const rows = (header.data_page_header ?? header.data_page_header_v2)?.num_values;
        if (rows !== undefined) {
          if (!(isCount(rows) && rows <= chunk.end - row)) {
            throw this.#damaged(chunk.group, "its pages have more rows than it says");
          }
          page.end = row += rows;
          pages.push(page);
        }
      }
      at = to;
    }
    return this.#pages = { chunk, pages, dictionary };
  }

  #header(chunk: Chunk, at: number): { header: PageHeader; from: number; to: number } {
    for (let length = HEADER;; length *= 4) {
      const end = Math.min(chunk.to, at + length);
      if (end <= at) throw this.#damaged(chunk.group, "it has fewer rows than it says");
      const bytes = readBytes(this.#file, at, end);
      const reader = { view: new DataView(bytes.buffer), offset: 0 };
      let header: PageHeader;
      try {
        header = parquetHeader(reader);
      } catch (cause) {
        if (end < chunk.to && length < LONGEST_HEADER) continue;
        throw this.#damaged(chunk.group, "a page's header is damaged", cause);
      }
      const { compressed_page_size: size, uncompressed_page_size: unpacked } = header;
      const from = at + reader.offset;
      // Whatever type a damaged header gives its numbers.
      if (!(isCount(size) && from + size <= chunk.to && isCount(unpacked))) {
        throw this.#damaged(chunk.group, "a page's header is damaged");
      }
      if (size > LARGEST_PAGE || unpacked > LARGEST_PAGE) {
        throw this.#damaged(
          chunk.group,
          `a page has ${
            Math.max(size, unpacked)
          } bytes, and more than ${LARGEST_PAGE} are not read: ` +
            "write it with fewer rows a page or row group",
        );
      }
      return { header, from, to: from + size };
    }
  }

  #body({ header, from, to }: Page): Uint8Array<ArrayBuffer> {
    const body = readBytes(this.#file, from, to);
    if (header.crc !== undefined && (crc32(body) | 0) !== (header.crc | 0)) {
      throw new Fault("its checksum is another");
    }
    return body;
  }

  #decode(page: Page): Value[] {
    const { chunk, dictionary } = this.#pages!;
    return this.#within(
      chunk,
      () => readValues(page.header, this.#body(page), dictionary, chunk.decoder),
      `rows ${page.first} to ${page.end - 1}: `,
    );
  }

  #within<T>({ group }: Chunk, work: () => T, where = ""): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof DamagedParquet) throw error;
      // What hyparquet and the decompressors throw speaks of their own insides.
      const what = error instanceof Fault ? error.message : "it is damaged";
      throw this.#damaged(group, where + what, error);
    }
  }

  #damaged(group: number, reason: string, cause?: unknown): DamagedParquet {
    return new DamagedParquet(
      this.#file.shown,
      `column ${this.#name} of row group ${group}: ${reason}`,
      cause,
    );
  }
}

const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
