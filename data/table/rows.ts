import { parse } from "csv-parse";
import { createReadStream } from "node:fs";
import { messageOf, UserError } from "../../base/errors.ts";

/** One row of a table of texts. */
export interface Row {
  /** Line of the file that it starts on, from 1. */
  readonly line: number;
  /** What stands in a column; undefined where the row ends before it, or has no such field. */
  value(column: string): string | undefined;
  /** What is wrong with the row as such: it has more cells than the header. */
  readonly wrong?: string;
}

/** How a table is written. */
export type TableFormat = { readonly kind: "csv"; readonly delimiter?: string } | {
  readonly kind: "jsonl";
};

/** A table that is being read. */
export interface Table {
  /** Names of the columns, in order; of JSON lines, those of the first. */
  readonly columns: readonly string[];
  readonly rows: AsyncIterable<Row>;
}

/** Longest row that is read, bytes: a quote that is never closed would take in the whole file. */
const MAX_ROW = 1 << 20;
/** What is looked at to tell the delimiter, bytes. */
const HEAD = 1 << 16;

/**
 * Opens a table of texts and reads it row by row, in memory that does not grow with it.
 *
 * A CSV file has a header; its delimiter is a comma, a semicolon or a tab (the one that its header
 * has most of, outside quotes). A byte order mark, quotes, and ends of lines of any kind are read. Of
 * JSON lines, texts, numbers and booleans are values; null is none.
 *
 * @param shown The file as errors name it.
 * @throws {UserError} with file and line, also while rows are read.
 */
export async function openTable(path: string, shown: string, format: TableFormat): Promise<Table> {
  const head = await headOf(path, shown);
  if (head.trim() === "") throw new UserError(`Cannot read ${shown}: it is empty`);
  return format.kind === "csv"
    ? await openCsv(path, shown, format.delimiter ?? delimiterOf(head))
    : await openJsonLines(path, shown);
}

async function headOf(path: string, shown: string): Promise<string> {
  try {
    using file = await Deno.open(path);
    const bytes = new Uint8Array(HEAD);
    let length = 0;
    for (let read; (read = await file.read(bytes.subarray(length)));) length += read;
    return new TextDecoder().decode(bytes.subarray(0, length));
  } catch (cause) {
    const why = cause instanceof Deno.errors.NotFound
      ? "there is no such file"
      : cause instanceof Deno.errors.IsADirectory || /os error 21/.test(messageOf(cause))
      ? "it is a folder"
      : "it can't be read";
    throw new UserError(`Cannot read ${shown}: ${why}`, { cause });
  }
}

/** The delimiter that the first line has most of; a comma where it has none. */
export function delimiterOf(head: string): string {
  const [line] = head.replace(/"[^"]*"/g, "").split(/[\r\n]/, 1);
  const count = (of: string) => line.split(of).length;
  return [",", ";", "\t"].reduce((best, one) => count(one) > count(best) ? one : best);
}

interface CsvRecord {
  readonly record: string[];
  readonly info: { readonly lines: number };
}

async function openCsv(path: string, shown: string, delimiter: string): Promise<Table> {
  const records = parsedRecords(path, shown, delimiter);
  const first = await records.next();
  if (first.done) throw new UserError(`Cannot read ${shown}: it is empty`);
  const columns = first.value.record.map((name) => name.trim());
  const twice = columns.find((name, i) => name !== "" && columns.indexOf(name) < i);
  if (twice !== undefined) {
    await records.return(undefined);
    throw new UserError(`Cannot read ${shown}:1: two columns are called ${JSON.stringify(twice)}`);
  }
  const indices = new Map(columns.map((name, i) => [name, i]));
  return {
    columns,
    rows: (async function* () {
      for await (const { record, info } of records) {
        // The parser counts the lines up to a record's end.
        const inside = record.reduce((sum, cell) => sum + cell.split(/\r\n|\r|\n/).length - 1, 0);
        const extra = record.length > columns.length;
        yield {
          line: info.lines - inside,
          value: (column) => record[indices.get(column) ?? -1],
          ...(extra && {
            wrong: `it has ${record.length} cells, the header has ${columns.length}`,
          }),
        };
      }
    })(),
  };
}

async function* parsedRecords(
  path: string,
  shown: string,
  delimiter: string,
): AsyncGenerator<CsvRecord, void, undefined> {
  const stream = createReadStream(path);
  const parser = stream.pipe(parse({
    bom: true,
    delimiter,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_ROW,
  }));
  stream.on("error", (error) => parser.destroy(error));
  try {
    yield* parser as AsyncIterable<CsvRecord>;
  } catch (cause) {
    throw new UserError(csvMistake(cause, shown), {
      hint: 'A cell that has a quote in it is written "like ""this"""',
      cause,
    });
  } finally {
    stream.destroy();
    parser.destroy();
  }
}

function csvMistake(error: unknown, shown: string): string {
  const { code, lines } = error as { code?: string; lines?: number };
  const what = code === "CSV_QUOTE_NOT_CLOSED"
    ? "a quote is opened and never closed"
    : code === "CSV_MAX_RECORD_SIZE"
    ? `a row is longer than ${MAX_ROW} bytes: perhaps a quote is never closed`
    : code === "INVALID_OPENING_QUOTE" || code === "CSV_INVALID_CLOSING_QUOTE"
    ? "a quote stands in the middle of a cell"
    : messageOf(error);
  return `Cannot read ${shown}${lines === undefined ? "" : `:${lines}`}: ${what}`;
}

async function openJsonLines(path: string, shown: string): Promise<Table> {
  const objects = jsonObjects(path, shown);
  const first = await objects.next();
  if (first.done) throw new UserError(`Cannot read ${shown}: it is empty`);
  return {
    columns: Object.keys(first.value.object),
    rows: (async function* () {
      yield rowOf(first.value);
      for await (const one of objects) yield rowOf(one);
    })(),
  };
}

interface JsonLine {
  readonly line: number;
  readonly object: Readonly<Record<string, unknown>>;
}

function rowOf({ line, object }: JsonLine): Row {
  return {
    line,
    value(column) {
      const value = Object.hasOwn(object, column) ? object[column] : undefined;
      if (value === undefined || value === null) return undefined;
      return typeof value === "object" ? JSON.stringify(value) : String(value);
    },
  };
}

async function* jsonObjects(
  path: string,
  shown: string,
): AsyncGenerator<JsonLine, void, undefined> {
  let number = 0;
  for await (const text of lines(path, shown)) {
    number++;
    const line = number === 1 ? text.replace(/^\ufeff/, "") : text;
    if (line.trim() === "") continue;
    yield { line: number, object: parseObject(line, `${shown}:${number}`) };
  }
}

function parseObject(line: string, place: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    const column = /position (\d+)/.exec(messageOf(cause))?.[1];
    const at = column === undefined ? "" : `:${Number(column) + 1}`;
    throw new UserError(`Cannot read ${place}${at}: it is no JSON`, {
      hint: "Every line holds one JSON object",
      cause,
    });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new UserError(`Cannot read ${place}: it is JSON, but no object`, {
      hint: 'Every line holds one JSON object, {"path": "a.png", "label": "cat"} for example',
    });
  }
  return value as Record<string, unknown>;
}

/** @throws {UserError} where a line is longer than what is read. */
async function* lines(path: string, shown: string): AsyncGenerator<string> {
  using file = await Deno.open(path);
  const decoder = new TextDecoder();
  const piece = new Uint8Array(1 << 16);
  let rest = "";
  let number = 0;
  for (let read; (read = await file.read(piece)) !== null;) {
    const parts = (rest + decoder.decode(piece.subarray(0, read), { stream: true })).split("\n");
    rest = parts.pop()!;
    for (const part of parts) {
      number++;
      yield part;
    }
    if (rest.length > MAX_ROW) {
      throw new UserError(
        `Cannot read ${shown}:${number + 1}: it is longer than ${MAX_ROW} letters`,
      );
    }
  }
  rest += decoder.decode();
  if (rest !== "") yield rest;
}
