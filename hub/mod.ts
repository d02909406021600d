import { HubError } from "./errors.ts";
import { isFile, RepositoryCache } from "./cache.ts";
import { describeModel, fetchFile, type HubModel } from "./model.ts";
import { type HubName, parseHubName } from "./name.ts";
import { isOffline, setConfiguration } from "./settings.ts";
import type { TransferOptions } from "./transfer.ts";

export { HubError, type HubModel, type HubName, parseHubName };
export type { HubFile } from "./model.ts";

/** Models that this process has asked for: several stages plan with the same one. */
const asked = new Map<string, Promise<HubModel>>();

/**
 * Sets what holds for this process, and forgets what it has found out so far.
 * @param options.refresh Ask the Hub again which commit a name stands for.
 */
export function configure(options: { readonly refresh: boolean }): void {
  setConfiguration(options);
  asked.clear();
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

/** Who is told of a download, and who may stop it. */
export interface FetchOptions extends Omit<TransferOptions, "onProgress"> {
  /** Bytes of all weights that are here so far, of how many. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Brings what is missing of a model into the cache and checks every weight file against its digest.
 * One that is damaged is fetched again.
 *
 * @throws {HubError} if a file can't be had or is not what the Hub says it is.
 */
export async function fetchModel(model: HubModel, options: FetchOptions = {}): Promise<void> {
  const cache = new RepositoryCache(model.id);
  const { faultOf } = await import("./transfer.ts");
  const missing: { name: string; etag: string; size?: number }[] = [];
  for (const { name, etag, size } of model.files) {
    if (etag === undefined) continue; // a description, or kept where no digest is known
    if (cache.has(model.commit, name)) {
      const path = `${cache.snapshot(model.commit)}/${name}`;
      const fault = await faultOf(path, { etag, size }, options.signal);
      if (fault === undefined) continue;
      options.warn?.(`${name} in the cache is damaged and is fetched again: ${fault}`);
      if (isFile(cache.blob(etag))) Deno.removeSync(cache.blob(etag));
    }
    missing.push({ name, etag, size });
  }
  const absent = missing.find(({ etag }) => !isFile(cache.blob(etag)));
  if (absent && isOffline()) {
    throw new HubError(
      `Cannot fetch ${absent.name} of the model "${model.id}": HF_HUB_OFFLINE is set; unset it`,
    );
  }
  const total = missing.reduce((sum, { size }) => sum + (size ?? 0), 0);
  let before = 0;
  for (const file of missing) {
    const onProgress = (done: number) => options.onProgress?.(before + done, total);
    await fetchFile(model.id, model.commit, file, { ...options, onProgress });
    before += file.size ?? 0;
  }
}
