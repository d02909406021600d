import { join } from "node:path";
import { UserError } from "../../../base/errors.ts";
import { isImageName } from "../../../data/image_format.ts";
import { openParquetDataset, type ParquetSplit } from "../../../data/parquet/dataset.ts";
import { openDecoded } from "./decoded.ts";
import { type ChosenFiles, locateParquet } from "./parquet_locate.ts";
import type { ParquetDatasetParams } from "./parquet_plan.ts";
import { resolveIn } from "./paths.ts";
import type { Context, ListedImages, SkippedImage, Sources } from "./source.ts";

/** Rows that are named in one message. */
const MOST_NAMED = 4;

/** Where chosen files lie, and what people call the data set. */
export interface Place {
  readonly root: string;
  readonly shown: string;
  /** In `dataset.json`. */
  readonly name: string;
  /** Files that rows may name, relative to the root; none on the Hub, where they are not fetched. */
  readonly beside?: readonly string[];
}

/** Opens a folder of parquet files in the Hub's layout. */
export async function openParquetFolder(
  context: Context,
  dataset: ParquetDatasetParams,
): Promise<Sources> {
  const chosen = await locateParquet(dataset, (path) => resolveIn(context.project, path));
  const { root, files: beside } = chosen;
  context.report.record("source", root);
  const shown = dataset.parquet.replace(/\/+$/, "");
  return await openRows(context, chosen, { root, shown, name: "parquet", beside }, dataset);
}

/** Opens parquet files that are there, wherever they came from. */
export async function openRows(
  context: Context,
  { splits, features, origin }: ChosenFiles,
  { root, shown, name, beside }: Place,
  columns: { readonly image?: string; readonly label?: string },
): Promise<Sources> {
  const { params, report } = context;
  const files = (names: readonly string[]) =>
    names.map((file) => ({ path: join(root, file), name: file, shown: `${shown}/${file}` }));
  const opened = openParquetDataset({
    called: shown,
    beside: beside && { folder: root, files: new Set(beside.filter(isImageName)) },
    splits: {
      train: files(splits.train),
      ...(splits.validation && { validation: files(splits.validation) }),
      ...(splits.test && { test: files(splits.test) }),
    } as Record<keyof typeof splits, ReturnType<typeof files>>,
    features,
    ...columns,
  });
  const skipped: SkippedImage[] = [];
  const listed = (split: keyof typeof splits): ListedImages | undefined => {
    const rows = opened.splits[split] as ParquetSplit | undefined;
    if (!rows) return undefined;
    if (split !== "train" && rows.unlabelled === rows.labels.length) {
      report.warn(
        `the ${origin.splits[split]} split of ${shown} has no ${
          rows.labels.length === 0 ? "rows" : "labels"
        }: a share of the training images takes its place, as if it were not there`,
      );
      return undefined;
    }
    if (rows.unlabelled === 0) return imagesOf(rows);
    const { labels } = rows;
    const without = Array.from(labels, (_, row) => row).filter((row) => labels[row] < 0);
    if (params.on_bad_image !== "skip") throw unlabelled(rows, without, opened.label);
    skipped.push(
      ...without.map((row) => ({ path: rows.place(row), reason: "it has no label" })),
    );
    return imagesOf(rows, Int32Array.from(labels.keys()).filter((row) => labels[row] >= 0));
  };
  const lists = { train: listed("train")!, validation: listed("validation"), test: listed("test") };
  const serving = Object.entries(origin.splits).filter(([role]) =>
    lists[role as keyof typeof lists]
  );
  return await openDecoded(context, {
    name,
    called: "the data set",
    shown,
    container: "the data set",
    classes: opened.classes,
    splits: lists,
    skipped,
    origin: { ...origin, splits: Object.fromEntries(serving) },
  });
}

/** The images in some rows. */
function imagesOf(
  split: ParquetSplit,
  rows: Int32Array = Int32Array.from(split.labels.keys()),
): ListedImages {
  return {
    labels: rows.map((row) => split.labels[row]),
    input: (i) => ({
      shown: split.shown(rows[i]),
      // Read when its turn comes: neighbours share a page.
      bytes: () => Promise.resolve().then(() => split.bytes(rows[i])),
    }),
    placeOf: (i) => split.place(rows[i]),
  };
}

function unlabelled(split: ParquetSplit, rows: readonly number[], column: string): UserError {
  const more = rows.length - MOST_NAMED;
  const named = rows.slice(0, MOST_NAMED).map((row) => split.shown(row)).join(", ") +
    (more > 0 ? ` and ${more} more` : "");
  return new UserError(
    `Cannot use ${rows.length === 1 ? "a row" : `${rows.length} rows`} without a label in ` +
      `"${column}" (-1 and nothing are none): ${named}`,
    { hint: "Write on_bad_image: skip in preprocess, which leaves out and lists such rows" },
  );
}
