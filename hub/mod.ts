import { HubError } from "./errors.ts";
import { CONVERTED, describeDataset, digestsOf, type HubDataset } from "./dataset.ts";
import { fetchFiles, type FetchOptions, type HubFile } from "./fetch.ts";
import { describeModel, type HubModel } from "./model.ts";
import { type HubName, parseDatasetName, parseHubName } from "./name.ts";
import { setConfiguration } from "./settings.ts";

export { CONVERTED, digestsOf, HubError, parseDatasetName, parseHubName };
export type { FetchOptions, HubDataset, HubFile, HubModel, HubName };

/** Models that this process has asked for: several stages plan with the same one. */
const asked = new Map<string, Promise<HubModel>>();

/**
 * Sets what holds for this process, and forgets what it has found out so far.
 * @param options.refresh Ask the Hub again which commit a name stands for.
 */
export function configure(options: { readonly refresh: boolean }): void {
  setConfiguration(options);
  asked.clear();
  askedDatasets.clear();
}

/**
 * A model as far as a plan needs it; see {@linkcode describeModel}. Asked for once in a process,
 * also where that failed.
 */
export function planModel(name: HubName): Promise<HubModel> {
  const key = `${name.id}@${name.revision}`;
  let model = asked.get(key);
  if (model === undefined) asked.set(key, model = describeModel(name));
  return model;
}

/**
 * Brings what is missing of a model into the cache; see {@linkcode fetchFiles}.
 * @throws {HubError}
 */
export async function fetchModel(model: HubModel, options: FetchOptions = {}): Promise<void> {
  await fetchFiles({ id: model.id }, model.commit, model.files, options);
}

/** Data sets that this process has asked for. */
const askedDatasets = new Map<string, Promise<HubDataset>>();

/**
 * A data set as far as a plan needs it; see {@linkcode describeDataset}. Asked for once in a
 * process, also where that failed.
 */
export function planDataset(name: HubName): Promise<HubDataset> {
  const key = `${name.id}@${name.revision}`;
  let dataset = askedDatasets.get(key);
  if (dataset === undefined) askedDatasets.set(key, dataset = describeDataset(name));
  return dataset;
}

/**
 * Brings some files of a data set into the cache; see {@linkcode fetchFiles}.
 * @throws {HubError}
 */
export async function fetchDataset(
  { id, commit }: HubDataset,
  files: readonly HubFile[],
  options: FetchOptions = {},
): Promise<void> {
  await fetchFiles({ id, kind: "dataset" }, commit, files, options);
}
