import { readShards, refusalOfPickle, WEIGHTS, WEIGHTS_INDEX } from "../base/weight_files.ts";
import { HubError } from "./errors.ts";
import { RepositoryCache } from "./cache.ts";
import { type Absent, describeFile, type FileMetadata } from "./http.ts";
import { KnownFiles } from "./known.ts";
import { fetchFile, type HubFile, sha256In } from "./fetch.ts";
import type { HubName } from "./name.ts";
import { persist } from "./retry.ts";
import { cacheFolder, isOffline, refreshing } from "./settings.ts";

const CONFIG = "config.json";
const PREPROCESSOR = "preprocessor_config.json";
/** Pickled weights, which are never read, and what other frameworks keep. */
const OTHER_WEIGHTS = ["pytorch_model.bin", "pytorch_model.bin.index.json", "model.pt"];

const ATTEMPTS = 4;
/** Bytes; a description that is larger is none. */
const LARGEST_JSON = 16 << 20;

/** A model of the Hub, as far as a plan needs it: its descriptions are here, its weights may not be. */
export interface HubModel {
  readonly id: string;
  readonly revision: string;
  /** What the revision stood for when it was asked for. */
  readonly commit: string;
  /** Folder in the cache with config.json and, once they are fetched, the weights. */
  readonly folder: string;
  /** All files that count, sorted by name: descriptions, and weights as one file or in shards. */
  readonly files: readonly HubFile[];
}

/**
 * Finds out what a model is: the commit of its name, once, its config.json and
 * preprocessor_config.json, and the digests of its weights. What the cache has is not asked for.
 *
 * @throws {UserError} if the model can't be had ({@linkcode HubError}) or used: one sentence with
 * what to do.
 */
export async function describeModel(name: HubName): Promise<HubModel> {
  return await new Description(name).model();
}

class Description {
  readonly #name: HubName;
  readonly #cache: RepositoryCache;
  #commit = "";
  /** What the Hub said of config.json when it was asked what the name stands for. */
  #config?: FileMetadata | Absent;
  #known!: KnownFiles;

  constructor(name: HubName) {
    this.#name = name;
    this.#cache = new RepositoryCache(name);
  }

  async model(): Promise<HubModel> {
    this.#commit = await this.#resolve();
    this.#known = new KnownFiles(this.#name, this.#commit);
    if (!await this.#fetchSmall(CONFIG)) {
      throw new HubError(
        `Cannot use ${this.#label}: it has no ${CONFIG}, so it is no model of Transformers`,
      );
    }
    const files: HubFile[] = [{ name: CONFIG }];
    if (await this.#fetchSmall(PREPROCESSOR)) files.push({ name: PREPROCESSOR });
    files.push(...await this.#weights());
    files.sort((a, b) => a.name < b.name ? -1 : 1);
    const { id, revision } = this.#name;
    return {
      id,
      revision,
      commit: this.#commit,
      folder: this.#cache.snapshot(this.#commit),
      files,
    };
  }

  get #label(): string {
    const { id, revision } = this.#name;
    return `the model "${id}${revision === "main" ? "" : `@${revision}`}"`;
  }

  /** The commit that the name stands for: remembered, or asked for. */
  async #resolve(): Promise<string> {
    const { revision } = this.#name;
    if (/^[0-9a-f]{40}$/.test(revision)) return revision;
    const remembered = refreshing() ? undefined : this.#cache.commitOf(revision);
    if (remembered !== undefined) return remembered;
    this.#config = await this.#ask(CONFIG, revision);
    const { commit } = this.#config;
    if (commit === undefined) {
      throw new HubError(
        `Cannot find ${this.#label} on the Hub: check the name, and the revision if there is one`,
        { unknownModel: true },
      );
    }
    this.#cache.remember(revision, commit);
    return commit;
  }

  /** Asks the Hub of a file. */
  async #ask(file: string, revision = this.#commit): Promise<FileMetadata | Absent> {
    const { id } = this.#name;
    if (isOffline()) {
      const what = refreshing() && revision !== this.#commit
        ? `Cannot resolve ${this.#label} again`
        : `Cannot find ${file} of ${this.#label} in ${cacheFolder()}`;
      throw new HubError(`${what}: HF_HUB_OFFLINE is set; unset it to ask the Hub`, {
        unknownModel: this.#commit === "",
      });
    }
    return await persist(() => describeFile({ id, revision, file }), { attempts: ATTEMPTS });
  }

  /** Brings a description into the cache. @returns whether the model has it. */
  async #fetchSmall(file: string): Promise<boolean> {
    if (this.#cache.has(this.#commit, file)) return true;
    if (this.#cache.lacks(this.#commit, file)) return false;
    const found = file === CONFIG && this.#config || await this.#ask(file);
    if ("absent" in found) {
      this.#cache.rememberLack(this.#commit, file);
      return false;
    }
    if ((found.size ?? 0) > LARGEST_JSON) {
      throw new HubError(`Cannot use ${this.#label}: its ${file} has ${found.size} bytes`);
    }
    await fetchFile({ id: this.#name.id }, this.#commit, { name: file, ...found });
    return true;
  }

  async #weights(): Promise<HubFile[]> {
    const single = await this.#describe(WEIGHTS);
    if (single) return [single];
    if (!await this.#fetchSmall(WEIGHTS_INDEX)) throw await this.#withoutWeights();
    const files: HubFile[] = [{ name: WEIGHTS_INDEX }];
    const index = `${this.#cache.snapshot(this.#commit)}/${WEIGHTS_INDEX}`;
    for (const name of readShards(index, this.#label)) {
      const shard = await this.#describe(name);
      if (!shard) {
        throw new HubError(`Cannot use ${this.#label}: its weights in ${name} are missing`);
      }
      files.push(shard);
    }
    return files;
  }

  /** What is known of a weight file without fetching it. Undefined where there is none. */
  async #describe(file: string): Promise<HubFile | undefined> {
    if (this.#cache.has(this.#commit, file)) {
      const etag = this.#cache.etagOf(this.#commit, file);
      return { name: file, etag, sha256: etag && sha256In(etag) };
    }
    if (this.#cache.lacks(this.#commit, file)) return undefined;
    const found = this.#known.get(file) ?? await this.#ask(file);
    if ("absent" in found) {
      this.#cache.rememberLack(this.#commit, file);
      return undefined;
    }
    const { etag, size } = found;
    const described = { name: file, etag, size, sha256: sha256In(etag) };
    // Outside large file storage files are small, and their digest is known once they are here.
    if (described.sha256 === undefined) {
      await fetchFile({ id: this.#name.id }, this.#commit, described);
    } else this.#known.set(file, { etag, size });
    return described;
  }

  async #withoutWeights(): Promise<HubError> {
    for (const file of OTHER_WEIGHTS) {
      if ("absent" in await this.#ask(file)) continue;
      const { id, revision } = this.#name;
      const at = revision === "main" ? "" : `, revision="${revision}"`;
      const { reason, hint } = refusalOfPickle(file, `"${id}"${at}`);
      return new HubError(`Cannot use ${this.#label}: ${reason}`, { hint });
    }
    return new HubError(`Cannot use ${this.#label}: it has no ${WEIGHTS}`);
  }
}
