import { type FileMetaData, parquetMetadata, parquetSchema, type SchemaTree } from "hyparquet";
import { messageOf, UserError } from "../../base/errors.ts";

/** A parquet file whose footer has been read; of its data nothing is in memory. */
export interface ParquetFile {
  readonly path: string;
  /** Its path as errors name it. */
  readonly shown: string;
  /** Bytes. */
  readonly size: number;
  readonly rows: number;
  readonly schema: SchemaTree;
  readonly metadata: FileMetaData;
}

/** A parquet file that is cut or damaged, or made in a way that is not read. */
export class DamagedParquet extends UserError {
  override name = "DamagedParquet";

  constructor(shown: string, reason: string, cause?: unknown) {
    super(`Cannot read ${shown}: ${reason}`, {
      hint: "Fetch or write the file again; on_bad_image leaves out images, not parts of a file",
      cause,
    });
  }
}

const MAGIC = "PAR1";
/** The two magic words and the length of the footer, bytes. */
const FRAME = 12;
/** Bytes; row groups of a few rows make long footers, but none so long. */
const LARGEST_FOOTER = 512 << 20;

/**
 * Opens a parquet file: reads and checks its footer.
 * @param shown Its path as errors name it.
 * @throws {DamagedParquet} if it is no parquet file, or cut or damaged where that shows here.
 */
export function openParquet(path: string, shown: string = path): ParquetFile {
  const refuse = (reason: string, cause?: unknown) => new DamagedParquet(shown, reason, cause);
  let size: number;
  try {
    ({ size } = Deno.statSync(path));
  } catch (cause) {
    const why = cause instanceof Deno.errors.NotFound ? "there is no such file" : messageOf(cause);
    throw refuse(why.replaceAll(path, shown), cause);
  }
  if (size < FRAME) throw refuse(`${size} bytes are no parquet file`);
  const at = { path, shown };
  const head = text(readBytes(at, 0, 4));
  const tail = readBytes(at, size - 8, size);
  if (head === "PARE" || text(tail.subarray(4)) === "PARE") throw refuse("it is encrypted");
  if (head !== MAGIC) throw refuse("it does not begin as a parquet file does");
  if (text(tail.subarray(4)) !== MAGIC) throw refuse("it is cut: a parquet file ends in PAR1");
  const length = new DataView(tail.buffer).getUint32(0, true);
  if (length > size - FRAME || length > LARGEST_FOOTER) {
    throw refuse(`its footer would have ${length} of its ${size} bytes`);
  }
  let metadata: FileMetaData;
  let schema: SchemaTree;
  try {
    // Columns of maps and places are not ours to read: they stay what they are.
    metadata = parquetMetadata(readBytes(at, size - 8 - length, size), { geoparquet: false });
    schema = parquetSchema(metadata);
  } catch (cause) {
    throw refuse("its footer is damaged", cause);
  }
  const rows = countRows(metadata, size);
  if (rows === undefined) throw refuse("its footer is damaged: its numbers of rows can't be");
  return { path, shown, size, rows, schema, metadata };
}

/**
 * Rows of all row groups. An image takes more than a byte, so more rows than bytes are a lie that no
 * memory is taken for.
 */
function countRows({ num_rows, row_groups }: FileMetaData, size: number): number | undefined {
  let rows = 0;
  for (const group of row_groups) {
    const more = Number(group.num_rows);
    if (!(Number.isSafeInteger(more) && more >= 0 && rows + more <= size)) return undefined;
    rows += more;
  }
  return rows === Number(num_rows) ? rows : undefined;
}

/**
 * Reads bytes `start` to `end` (exclusive). The file is open no longer than that: a data set may
 * have more files than a process may hold open.
 * @throws {DamagedParquet} if they are not all there.
 */
export function readBytes(
  { path, shown }: Pick<ParquetFile, "path" | "shown">,
  start: number,
  end: number,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(end - start);
  using file = Deno.openSync(path);
  file.seekSync(start, Deno.SeekMode.Start);
  for (let done = 0; done < bytes.length;) {
    const read = file.readSync(bytes.subarray(done));
    if (read === null) throw new DamagedParquet(shown, `it ends before byte ${end}`);
    done += read;
  }
  return bytes;
}

const text = (bytes: Uint8Array) => String.fromCharCode(...bytes);
