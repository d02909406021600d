import { UserError } from "../../../base/errors.ts";
import { type Card, NO_CARD } from "../../../data/parquet/card.ts";
import type { Feature } from "../../../data/parquet/features.ts";
import { listParquetFolder } from "../../../data/parquet/folder.ts";
import { layoutOf, rolesOf } from "../../../data/parquet/layout.ts";
import type { ParquetDatasetParams } from "./parquet_plan.ts";

/** Parquet files by what they serve for, in order of their rows, relative to the data set. */
export interface SplitFiles {
  readonly train: readonly string[];
  readonly validation?: readonly string[];
  readonly test?: readonly string[];
}

/** Where a data set came from, as `dataset.json` tells it: no path, no date. */
export interface Origin {
  /** `owner/name` on the Hugging Face Hub; absent for a folder. */
  readonly repository?: string;
  readonly config: string;
  /** Names of the splits that serve, by what they serve for. */
  readonly splits: Readonly<Record<string, string>>;
  /** As the card writes it. */
  readonly license?: string;
}

/** What is known of a data set before one of its parquet files is opened. */
export interface ChosenFiles {
  readonly splits: SplitFiles;
  readonly features: ReadonlyMap<string, Feature>;
  readonly origin: Origin;
  /** All that the result depends on beside the files' bytes and the parameters, as text. */
  readonly facts: string;
}

/** A folder of parquet files. */
export interface LocatedFolder extends ChosenFiles {
  readonly root: string;
  /** All of its parquet files and images. */
  readonly files: readonly string[];
}

/** Finds the files of a folder. @throws {UserError} */
export async function locateParquet(
  dataset: ParquetDatasetParams,
  resolve: (path: string) => string,
): Promise<LocatedFolder> {
  const root = resolve(dataset.parquet);
  const { files, card } = await listParquetFolder(root);
  const chosen = chooseFiles({ files, card, called: dataset.parquet }, dataset);
  if (chosen) return { ...chosen, root, files };
  throw new UserError(`Cannot find any parquet files in ${root}`, {
    hint: "It should hold data/train-00000-of-00001.parquet, or the like",
  });
}

/**
 * Chooses the config and the splits that serve.
 * @returns undefined where there are no parquet files.
 * @throws {UserError}
 */
export function chooseFiles(
  place: { files: readonly string[]; card?: Card; called: string; repository?: string },
  wanted: Omit<ParquetDatasetParams, "parquet">,
): ChosenFiles | undefined {
  const { files, card = NO_CARD, called, repository } = place;
  const layout = layoutOf(files, card, called, wanted.config);
  if (!layout) return undefined;
  const { train, validation, test } = wanted;
  const roles = rolesOf(layout, { train, validation, test }, called);
  const splits = Object.fromEntries(
    Object.entries(roles).map(([role, split]) => [role, layout.splits.get(split)!]),
  ) as unknown as SplitFiles;
  const features = card.features.get(layout.config) ??
    (card.features.size === 1 ? [...card.features.values()][0] : new Map());
  const { license } = card;
  const origin = {
    ...(repository && { repository }),
    config: layout.config,
    splits: { ...roles },
    ...(license && { license }),
  };
  const facts = JSON.stringify([origin, splits, [...features]]);
  return { splits, features, origin, facts };
}
