import { UserError } from "../../base/errors.ts";
import { chooseColumns, type Columns } from "./columns.ts";
import { type Feature, featuresOfFile } from "./features.ts";
import { openParquet, type ParquetFile } from "./file.ts";
import { type ImagesBeside, RowImages } from "./images.ts";
import { classIndices, distinctClasses, type RawLabels, readLabels, rowOf } from "./labels.ts";

/** A file of a data set. */
export interface DatasetFile {
  /** Where it lies. */
  readonly path: string;
  /** Relative to the data set, with `/`. */
  readonly name: string;
  /** What errors call it. */
  readonly shown: string;
}

/** Images of one split, by row. */
export interface ParquetSplit {
  /** Index of the class by row, -1 where a row has no label. */
  readonly labels: Int32Array;
  /** Rows that have none. */
  readonly unlabelled: number;
  /** The image file in a row. @throws {BrokenImage | DamagedParquet} */
  bytes(row: number): Uint8Array<ArrayBuffer>;
  /** `FILE: row N` as errors name it, and as it is named where no path of this machine is. */
  shown(row: number): string;
  place(row: number): string;
}

/** What to open. */
export interface ParquetRequest<Split extends string = string> {
  /** In a sentence: `"owner/name"`. */
  readonly called: string;
  /** Images that rows without bytes may name. */
  readonly beside?: ImagesBeside;
  /** By split, in order of their rows; the first is the one to train on. */
  readonly splits: Readonly<Record<Split, readonly DatasetFile[]>>;
  /** What the card says, for files that do not say it themselves. */
  readonly features: ReadonlyMap<string, Feature>;
  readonly image?: string;
  readonly label?: string;
}

/** A data set whose labels are in memory and whose images are not. */
export interface ParquetDataset<Split extends string = string> {
  readonly classes: readonly string[];
  readonly splits: Readonly<Record<Split, ParquetSplit>>;
  /** Names of the columns. */
  readonly image: string;
  readonly label: string;
}

/**
 * Opens parquet files of images: reads their footers and their labels.
 *
 * @throws {UserError} if a file is damaged, the columns can't be told, or files do not fit together.
 */
export function openParquetDataset<Split extends string>(
  request: ParquetRequest<Split>,
): ParquetDataset<Split> {
  const { called, beside } = request;
  const names = Object.keys(request.splits) as Split[];
  const parts = new Map(
    names.map((name) => [name, request.splits[name].map((file) => readColumns(file, request))]),
  );
  const all = [...parts.values()].flat();
  const first = all[0];
  for (const { file, columns } of all) checkAlike(first, { file, columns });
  const raw = new Map(names.map((name) => [name, readLabels(parts.get(name)!)]));
  const { image, label } = first.columns;
  const classes = label.names ?? distinctClasses(raw.get(names[0])!, label.name, called);
  if (classes.length === 0) {
    throw new UserError(`Cannot use ${called}: no training image has a label in "${label.name}"`);
  }
  const split = (name: Split): ParquetSplit => {
    const files = request.splits[name];
    const images = new RowImages(parts.get(name)!, beside);
    const labels = classIndices(raw.get(name)!, classes, label.names !== undefined, name);
    const opened = (raw.get(name) as RawLabels).files;
    const named = (row: number, by: (file: DatasetFile) => string) => {
      const { file, at } = rowOf(opened, row);
      return `${by(files[file])}: row ${at}`;
    };
    const shown = (row: number) => named(row, (file) => file.shown);
    return {
      labels,
      unlabelled: labels.reduce((sum, index) => index < 0 ? sum + 1 : sum, 0),
      bytes: (row) => images.read(row, shown(row)),
      shown,
      place: (row) => named(row, (file) => file.name),
    };
  };
  const splits = Object.fromEntries(names.map((name) => [name, split(name)]));
  return {
    classes,
    splits: splits as Record<Split, ParquetSplit>,
    image: image.name,
    label: label.name,
  };
}

/**
 * Opens a file and finds its columns; of its rows nothing is read.
 * @throws {UserError}
 */
export function readColumns(
  { path, shown }: DatasetFile,
  { features, image, label }: Pick<ParquetRequest, "features" | "image" | "label">,
): Part {
  const file = openParquet(path, shown);
  const known = featuresOfFile(
    file.metadata.key_value_metadata?.find(({ key }) => key === "huggingface")?.value,
  );
  // The file's own word is the nearest; what it leaves open the card may know.
  const all = new Map([...features, ...known ?? []]);
  for (const [name, feature] of features) {
    if (feature.kind === "classes" && all.get(name)?.kind !== "classes") all.set(name, feature);
  }
  return { file, columns: chooseColumns(file, all, { image, label }) };
}

/** A file and where it has what counts. */
export interface Part {
  readonly file: ParquetFile;
  readonly columns: Columns;
}

/** Files of one data set have the same columns and classes. */
function checkAlike(first: Part, { file, columns }: Part): void {
  const differs = columns.image.name !== first.columns.image.name
    ? ["images", columns.image.name, first.columns.image.name]
    : columns.label.name !== first.columns.label.name
    ? ["labels", columns.label.name, first.columns.label.name]
    : undefined;
  if (differs) {
    const [what, own, other] = differs;
    throw new UserError(
      `Cannot use ${file.shown} with ${first.file.shown}: its ${what} are in "${own}", not "${other}"`,
    );
  }
  if (JSON.stringify(columns.label.names) !== JSON.stringify(first.columns.label.names)) {
    throw new UserError(
      `Cannot use ${file.shown} with ${first.file.shown}: they name other classes in "${columns.label.name}"`,
    );
  }
}
