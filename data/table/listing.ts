import { isAbsolute, join, normalize, sep as SEPARATOR } from "node:path";
import { UserError } from "../../base/errors.ts";
import { quoted } from "../../base/printable.ts";
import { classesOf, emptyClass, type SplitName, splitOf } from "../labels.ts";
import { chooseColumns, type ChosenColumns, type ColumnChoice } from "./columns.ts";
import { openTable, type Row, type TableFormat } from "./rows.ts";

/** A table of images: where each lies, its label and perhaps its split. */
export interface TableRequest {
  readonly path: string;
  /** The table as errors name it. */
  readonly shown: string;
  readonly format: TableFormat;
  /** Folder that relative paths start from. */
  readonly root: string;
  readonly columns: ColumnChoice;
  /** The classes in their order; default: {@linkcode classesOf} the labels. */
  readonly classes?: readonly string[];
}

/** Images of one split, in the order of the table. */
export interface TableImages {
  /** Relative to the root with `/`, or absolute; no two are alike. */
  readonly files: readonly string[];
  readonly labels: Int32Array;
  /** Line of the table of each, from 1. */
  readonly lines: Int32Array;
}

/** A row that is no image, and why. */
export interface BadRow {
  readonly line: number;
  /** As the end of a sentence. */
  readonly reason: string;
}

/** What a table lists. No image has been opened. */
export interface TableListing {
  readonly classes: readonly string[];
  readonly columns: ChosenColumns;
  /** Without a column of splits all is `train`. */
  readonly splits: { readonly train: TableImages; validation?: TableImages; test?: TableImages };
  readonly bad: readonly BadRow[];
}

/** Rows of one split while they are gathered. */
class Gathered {
  readonly files: string[] = [];
  readonly lines: number[] = [];
  readonly labels: string[] = [];
}

/**
 * Reads a table of images. Every file is looked for, none is opened. Rows that name none, or one that
 * is not there, or one twice, or have no label, or a split that is none, are listed as bad.
 *
 * @throws {UserError} with file and line, if it is no table, has no such column, or leaves nothing to
 * train on.
 */
export async function listTable(request: TableRequest): Promise<TableListing> {
  const { shown, classes: given } = request;
  const table = await openTable(request.path, shown, request.format);
  const columns = chooseColumns(table.columns, request.columns, shown);
  const known = given && new Set(given);
  const gathered: Partial<Record<SplitName, Gathered>> = {};
  const firstLine = new Map<string, number>();
  const bad: BadRow[] = [];
  for await (const row of table.rows) {
    const read = readRow(row, columns, request.root, known, firstLine);
    if (typeof read === "string") {
      bad.push({ line: row.line, reason: read });
      continue;
    }
    const { split, file, label } = read;
    firstLine.set(file, row.line);
    const part = gathered[split] ??= new Gathered();
    part.files.push(file);
    part.lines.push(row.line);
    part.labels.push(label);
  }
  if (!gathered.train) throw nothingToTrainOn(shown, columns, bad);
  const classes = given ??
    classesOf(Object.values(gathered).flatMap(({ labels }) => [...new Set(labels)]));
  const index = new Map(classes.map((name, i) => [name, i]));
  const images = ({ files, lines, labels }: Gathered): TableImages => ({
    files,
    lines: Int32Array.from(lines),
    labels: Int32Array.from(labels, (label) => index.get(label)!),
  });
  const { train, validation, test } = gathered;
  const splits = {
    train: images(train),
    ...(validation && { validation: images(validation) }),
    ...(test && { test: images(test) }),
  };
  const empty = emptyClass(classes, splits.train.labels);
  if (empty !== undefined) {
    throw new UserError(
      `Cannot use ${shown}: class ${quoted(empty)} has no image to train on` +
        (bad.length > 0 ? `; ${sayBadRows(shown, bad)}` : ""),
      { hint: "Every class needs at least one training image" },
    );
  }
  return { classes, columns, splits, bad };
}

/** An image, or what is wrong with the row. */
function readRow(
  row: Row,
  { image, label: labelColumn, split: splitColumn }: ChosenColumns,
  root: string,
  known: ReadonlySet<string> | undefined,
  firstLine: ReadonlyMap<string, number>,
): { file: string; label: string; split: SplitName } | string {
  if (row.wrong !== undefined) return row.wrong;
  const written = row.value(image)?.trim() ?? "";
  if (written === "") return `there is no path in "${image}"`;
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(written)) {
    return `${quoted(written)} is an address; only files are read`;
  }
  if (written.includes("\0")) return `${quoted(written)} is no path`;
  const label = row.value(labelColumn)?.trim() ?? "";
  if (label === "") return `there is no label in "${labelColumn}"`;
  if (known && !known.has(label)) return `the label ${quoted(label)} is none of the classes`;
  const word = splitColumn === undefined ? "train" : row.value(splitColumn) ?? "";
  const split = splitOf(word);
  if (split === undefined) {
    return word.trim() === ""
      ? `there is no split in "${splitColumn}"`
      : `the split ${quoted(word)} is none of train, validation and test`;
  }
  const file = posix(normalize(written));
  const before = firstLine.get(file);
  if (before !== undefined) return `${quoted(written)} stands in line ${before} already`;
  const found = lookFor(isAbsolute(file) ? file : join(root, file));
  return found === undefined ? { file, label, split } : `${quoted(written)}: ${found}`;
}

/** A backslash is a letter like others where it separates nothing. */
const posix = (path: string) => SEPARATOR === "/" ? path : path.replaceAll(SEPARATOR, "/");

/** What is wrong with a file that should be there. */
function lookFor(path: string): string | undefined {
  try {
    return Deno.statSync(path).isFile ? undefined : "it is no file";
  } catch (error) {
    return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory
      ? "there is no such file"
      : "it can't be read";
  }
}

/** Rows that are named in one message. */
const MOST_NAMED = 4;

/** `3 rows are wrong: labels.csv:4: there is no label in "label"; …`. */
export function sayBadRows(shown: string, bad: readonly BadRow[]): string {
  const more = bad.length - MOST_NAMED;
  const named = bad.slice(0, MOST_NAMED).map(({ line, reason }) => `${shown}:${line}: ${reason}`);
  const count = bad.length === 1 ? "1 row is wrong" : `${bad.length} rows are wrong`;
  return `${count}: ${named.join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
}

function nothingToTrainOn(shown: string, { split }: ChosenColumns, bad: readonly BadRow[]) {
  if (bad.length > 0) return new UserError(`Cannot use ${shown}: ${sayBadRows(shown, bad)}`);
  return split === undefined
    ? new UserError(`Cannot use ${shown}: it has a header and no rows`)
    : new UserError(`Cannot use ${shown}: no row is "train" in "${split}"`);
}
