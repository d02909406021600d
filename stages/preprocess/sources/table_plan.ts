import { basename, dirname, isAbsolute, parse } from "node:path";
import { z } from "zod";
import { sorted } from "../../../data/imagefolder_list.ts";
import { listTable, sayBadRows, type TableListing } from "../../../data/table/listing.ts";
import type { OutsideFiles, PlanView } from "../../stage.ts";
import { type PlannedDataset, reportMistake } from "./planned.ts";

const name = z.string().min(1);

const columns = {
  image: name.optional().describe(
    "Column of paths; default: image, path, file_name, filename, file, filepath or image_path",
  ),
  label: name.optional()
    .describe("Column of labels; default: label, class, labels, category or target"),
  split: name.optional().describe(
    "Column of splits: train, validation (val, valid, dev) or test; default: split, set or subset where there is one",
  ),
  root: name.optional()
    .describe("Folder that relative paths in the table start from; default: the table's own"),
  classes: z.array(name).min(1).optional()
    .describe("Classes in order of their index; default: the labels, sorted"),
};

export const csvSchema = z.strictObject({
  csv: name.describe("CSV file with a header: a row an image"),
  delimiter: z.string().length(1).optional()
    .describe("Between cells; default: what the header has most of: comma, semicolon or tab"),
  ...columns,
});

export const jsonlSchema = z.strictObject({
  jsonl: name.describe("File of JSON lines: an object an image"),
  ...columns,
});

export type TableDataset = z.infer<typeof csvSchema> | z.infer<typeof jsonlSchema>;

/** Whether a data set is a table of paths. */
export function isTable(dataset: object): dataset is TableDataset {
  return "csv" in dataset || "jsonl" in dataset;
}

/** The parameter that names the table, and what stands there. */
export function tableOf(dataset: TableDataset): { parameter: "csv" | "jsonl"; file: string } {
  return "csv" in dataset
    ? { parameter: "csv", file: dataset.csv }
    : { parameter: "jsonl", file: dataset.jsonl };
}

/** A table as it is listed, and where its relative paths start. */
export interface LocatedTable {
  readonly path: string;
  readonly root: string;
  readonly listing: TableListing;
}

/** What plans have listed and no key has asked for yet. */
const kept = new Map<string, { readonly stamp: string; readonly located: LocatedTable }>();

/**
 * Lists a table, or takes what was listed a moment ago of the same bytes.
 * @param once Whether what is kept of it is then let go: a key asks last.
 */
export async function locateTable(
  dataset: TableDataset,
  resolve: (path: string) => string,
  once: boolean,
): Promise<LocatedTable> {
  const { file } = tableOf(dataset);
  const path = resolve(file);
  const root = dataset.root === undefined ? dirname(path) : resolve(dataset.root);
  const id = JSON.stringify([dataset, path, root]);
  const stamp = stampOf(path);
  const known = kept.get(id);
  if (once) kept.delete(id);
  if (known?.stamp === stamp) return known.located;
  const listing = await listTable({
    path,
    shown: file,
    format: "csv" in dataset ? { kind: "csv", delimiter: dataset.delimiter } : { kind: "jsonl" },
    root,
    columns: dataset,
    classes: dataset.classes,
  });
  const located = { path, root, listing };
  if (!once) kept.set(id, { stamp, located });
  return located;
}

function stampOf(path: string): string {
  try {
    const { size, ino, mtime, ctime } = Deno.statSync(path);
    return [size, ino, mtime?.getTime(), ctime?.getTime()].join(":");
  } catch {
    return ""; // gone; whoever lists it says so
  }
}

/** Classes and splits as the table has them; its bad rows are mistakes unless they are left out. */
export async function planTable(
  dataset: TableDataset,
  view: PlanView,
  skip: boolean,
): Promise<PlannedDataset> {
  const plan = { called: "the table", files: true, fixedTest: false };
  const { parameter, file } = tableOf(dataset);
  const double = dataset.classes?.find((one, i) => dataset.classes!.indexOf(one) < i);
  if (double !== undefined) {
    view.problem("dataset.classes", `Cannot use "classes": "${double}" stands there twice`);
    return plan;
  }
  try {
    const { classes, splits, bad } = (await locateTable(dataset, (path) =>
      view.resolve(path), false)).listing;
    if (bad.length > 0 && !skip) {
      view.problem(
        `dataset.${parameter}`,
        `Cannot use ${file}: ${sayBadRows(file, bad)}. Mend it, or write on_bad_image: skip`,
      );
    }
    return {
      ...plan,
      classes,
      single: `the only label in ${file}`,
      own: { validation: splits.validation !== undefined, test: splits.test !== undefined },
    };
  } catch (error) {
    reportMistake(view, dataset, parameter, error);
    return plan;
  }
}

/**
 * The table and its images count by their bytes and by the paths from the folder that they start
 * from, wherever that lies; absolute paths stand in the table, and so count as they are.
 */
export async function tableFiles(
  dataset: TableDataset,
  view: PlanView,
): Promise<Record<string, OutsideFiles>> {
  const { path, root, listing } = await locateTable(dataset, (path) => view.resolve(path), true);
  const { parameter } = tableOf(dataset);
  const files = Object.values(listing.splits).flatMap((split) => split.files);
  const inside = files.filter((file) => !isAbsolute(file));
  const absolute = files.filter((file) => isAbsolute(file));
  const table = basename(path);
  const own: Record<string, OutsideFiles> = dataset.root === undefined
    ? { [`dataset.${parameter}`]: { root, files: sorted([...new Set([table, ...inside])]) } }
    : {
      [`dataset.${parameter}`]: { root: dirname(path), files: [table] },
      "dataset.root": { root, files: sorted(inside) },
    };
  if (absolute.length === 0) return own;
  const top = parse(absolute[0]).root;
  return {
    ...own,
    "dataset.absolute": {
      root: top,
      files: sorted(absolute.map((file) => file.slice(top.length))),
    },
  };
}
