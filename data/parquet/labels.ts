import { UserError } from "../../base/errors.ts";
import { quoted } from "../../base/printable.ts";
import { classesOf } from "../labels.ts";
import { ColumnReader } from "./column.ts";
import type { Columns } from "./columns.ts";
import type { ParquetFile } from "./file.ts";

/** A row's label as its column has it; null where there is none (-1 and a blank are none too). */
type RawLabel = number | string | null;

/** Labels of a split as the files have them. */
export interface RawLabels {
  readonly files: readonly ParquetFile[];
  /** One for each row of each file. */
  readonly values: readonly RawLabel[];
}

/** Most classes that a column of numbers or texts may have; with more it is something else. */
const MOST_CLASSES = 100_000;

/**
 * Reads the labels of some files, and nothing else of them: one page of one column at a time.
 * @throws {DamagedParquet}
 */
export function readLabels(
  parts: readonly { readonly file: ParquetFile; readonly columns: Columns }[],
): RawLabels {
  const values: RawLabel[] = [];
  for (const { file, columns } of parts) {
    const reader = new ColumnReader(file, columns.label.leaf);
    for (let row = 0; row < file.rows; row++) {
      const value = reader.at(row);
      const none = value === null || value === undefined ||
        (typeof value === "string" && value.trim() === "");
      if (none) values.push(null);
      else if (typeof value === "string" || typeof value === "boolean") values.push(String(value));
      else {
        const number = Number(value);
        values.push(number === -1 ? null : number);
      }
    }
  }
  return { files: parts.map(({ file }) => file), values };
}

/**
 * Names of the classes that plain numbers or texts stand for: the distinct values of the training
 * images, in the order of {@linkcode classesOf}.
 * @throws {UserError} if there are too many for classes.
 */
export function distinctClasses({ values }: RawLabels, column: string, called: string): string[] {
  const distinct = new Set(values.filter((value) => value !== null));
  if (distinct.size > MOST_CLASSES) {
    throw new UserError(
      `Cannot take the column "${column}" of ${called} for labels: it has ${distinct.size} ` +
        "different values",
    );
  }
  return classesOf([...distinct].map(String));
}

/**
 * Index of each row's class, -1 where it has no label.
 *
 * @param names Whether the data set names its classes: numbers are then places in `classes`.
 * @throws {UserError} that names the row, if a label is none of the classes.
 */
export function classIndices(
  { files, values }: RawLabels,
  classes: readonly string[],
  names: boolean,
  split: string,
): Int32Array {
  const places = new Map(classes.map((name, index) => [name, index]));
  return Int32Array.from(values, (value, row) => {
    if (value === null) return -1;
    const index = names && typeof value === "number" ? value : places.get(String(value));
    if (index !== undefined && Number.isInteger(index) && index >= 0 && index < classes.length) {
      return index;
    }
    const where = placeOf(files, row);
    throw new UserError(
      names
        ? `Cannot use ${where}: its label ${value} is none of the ${classes.length} classes`
        : `Cannot use ${where}: no training image has its label ${quoted(value)}`,
      { hint: `All classes of the ${split} split must be among those of the training images` },
    );
  });
}

/** `FILE: row N`, rows counted from 0 within their file. */
export function placeOf(files: readonly ParquetFile[], row: number): string {
  const { file, at } = rowOf(files, row);
  return `${files[file].shown}: row ${at}`;
}

/** The file of a row of several files, and the row within it. */
export function rowOf(
  files: readonly Pick<ParquetFile, "rows">[],
  row: number,
): { file: number; at: number } {
  let file = 0;
  for (; row >= files[file].rows; file++) row -= files[file].rows;
  return { file, at: row };
}
