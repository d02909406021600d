import { join } from "node:path";
import { digestOf } from "../../base/digest.ts";
import type { Lock } from "../../base/lock.ts";
import { StoredArtifact } from "../artifact.ts";
import type { SharedStoreOptions } from "../elsewhere_schema.ts";
import type { KeyRecord } from "../key.ts";
import type { Program } from "../program.ts";
import type { Store } from "../store.ts";
import { sharedPath } from "../store_names.ts";
import type { Blobs } from "./blobs.ts";
import { blobName, type Entry, entryName, Mismatch, readEntry } from "./entry.ts";
import { fetchFiles, type TransferOptions } from "./fetch.ts";
import { openBlobs } from "./open.ts";
import { putArtifact } from "./put.ts";
import { type Direction, Trouble } from "./trouble.ts";

/** Milliseconds for which it counts that an artifact was seen there: others may clear it away. */
const NOTED = 24 * 3_600_000;

/** Whom a transfer tells. */
export interface SharingOptions extends TransferOptions {
  readonly warn: (text: string) => void;
  /** The artifact's own, and whether what others published meanwhile stays: as Store.publish has them. */
  readonly lock?: Lock;
  readonly keep?: boolean;
}

/**
 * Opens the store that a config names; asks it nothing yet.
 *
 * @param project Folder that a relative path starts from.
 * @throws {UserError} if the address is none.
 */
export async function openSharedStore(
  options: SharedStoreOptions,
  project: string,
  store: Store,
  program: Program,
): Promise<SharedStore> {
  const blobs = await openBlobs(options, project);
  const trouble = program.trouble(options, () => new Trouble());
  return new SharedStore(blobs, store, options.mode === "read-write", trouble);
}

/**
 * The store that several machines share: what is not in this machine's is looked for there, and with
 * `mode: read-write` what is made here is put there. Nothing that goes wrong with it stops a run:
 * the artifact is then made here, and it is said.
 */
export class SharedStore implements Disposable {
  readonly #blobs: Blobs;
  readonly #store: Store;
  readonly #write: boolean;
  readonly #trouble: Trouble;
  /** Names whose bytes were found to be wrong: to be put anew. */
  readonly #wrong = new Set<string>();
  readonly #notPut = new Set<string>();

  /** @param store This machine's. */
  constructor(blobs: Blobs, store: Store, write: boolean, trouble: Trouble) {
    this.#blobs = blobs;
    this.#store = store;
    this.#write = write;
    this.#trouble = trouble;
  }

  /** Where it is, for people. */
  get address(): string {
    return this.#blobs.address;
  }

  /**
   * Gets an artifact into this machine's store; undefined where it cannot be had. Only for the
   * holder of the key's lock.
   */
  async fetch(record: KeyRecord, key: string, options: SharingOptions) {
    const { kind } = record;
    return await this.#try("read", key, options, async () => {
      const entry = await readEntry(this.#blobs, kind, key, options.signal);
      if (entry === undefined) return undefined;
      const artifact = await this.#receive(record, key, entry, options);
      await this.#noteShared(key);
      return artifact;
    });
  }

  /** What is there under a key, without its files; undefined where nothing can be had. */
  async peek(
    kind: string,
    key: string,
    options: Pick<SharingOptions, "signal" | "warn">,
  ): Promise<StoredArtifact | undefined> {
    return await this.#try("read", key, options, async () => {
      const entry = await readEntry(this.#blobs, kind, key, options.signal);
      return entry && new StoredArtifact(this.#store.place(kind, key), entry.record);
    });
  }

  /**
   * Puts an artifact of this machine's store there, if that is wanted and it is not there.
   * @param options.anew Puts it also where one is there.
   */
  async offer(
    artifact: StoredArtifact,
    options: SharingOptions & { readonly anew?: boolean },
  ): Promise<void> {
    const { key } = artifact;
    if (options.anew) this.#wrong.add(entryName(key));
    if (!this.#write || await this.#isShared(key)) return;
    this.#notPut.add(key);
    await this.#try("write", key, options, async () => {
      await putArtifact(this.#blobs, artifact, this.#wrong, options);
      this.#notPut.delete(key);
      for (const { sha256 } of Object.values(artifact.record.files)) {
        this.#wrong.delete(blobName(sha256));
      }
      this.#wrong.delete(entryName(key));
      await this.#noteShared(key);
    });
  }

  /** What is to be said when the run ends. */
  summary(): string | undefined {
    const count = this.#notPut.size;
    if (count === 0) return undefined;
    const what = count === 1 ? "1 artifact was" : `${count} artifacts were`;
    return `${what} not put into the shared store ${this.address}; the next run with it tries again.`;
  }

  [Symbol.dispose](): void {
    this.#blobs[Symbol.dispose]();
  }

  async #receive(
    record: KeyRecord,
    key: string,
    { record: described, made }: Entry,
    options: SharingOptions,
  ): Promise<StoredArtifact> {
    const { kind } = record;
    const scratch = this.#store.openScratch(kind, key, options);
    try {
      await fetchFiles(this.#blobs, this.#store, described, scratch.output, options);
    } catch (error) {
      this.#store.discardScratch(kind, key, { all: false, lock: options.lock });
      throw error;
    }
    return await this.#store.publish(record, scratch.output, made, options);
  }

  /** Does something with the store; what goes wrong with it is said, and undefined is given back. */
  async #try<T>(
    direction: Direction,
    key: string,
    { signal, warn }: Pick<SharingOptions, "signal" | "warn">,
    work: () => Promise<T>,
  ): Promise<T | undefined> {
    if (!this.#trouble.ready(direction)) return undefined;
    try {
      const result = await work();
      this.#trouble.fine();
      return result;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof Mismatch) {
        this.#wrong.add(error.at).add(entryName(key));
        warn(`${this.address}/${error.at} is not used: ${error.message}.`);
      } else {
        const text = this.#trouble.note(error, direction);
        if (text !== undefined) warn(text);
      }
      return undefined;
    }
  }

  /** Whether an artifact was put there, or came from there, not long ago. */
  async #isShared(key: string): Promise<boolean> {
    if (this.#wrong.has(entryName(key))) return false;
    const note = this.#store.disk.stat(join(await this.#notes(), key));
    return note !== undefined && Date.now() - note.mtime < NOTED;
  }

  /** Notes that an artifact is there, so that not every run asks. */
  async #noteShared(key: string): Promise<void> {
    try {
      const folder = await this.#notes();
      this.#store.disk.makeFolder(folder);
      this.#store.disk.write(join(folder, key), "\n");
    } catch {
      // A note that cannot be written costs the next run a question.
    }
  }

  async #notes(): Promise<string> {
    return sharedPath(this.#store.path, (await digestOf(this.address)).slice(0, 16));
  }
}
