import { dirname, join, relative } from "node:path";
import { UserError } from "../base/errors.ts";
import { type Lock, lockFile, LockLost, type LockOptions } from "../base/lock.ts";
import { ARTIFACT_FILE, contentOf, parseArtifactRecord, StoredArtifact } from "./artifact.ts";
import { CheckpointFolder } from "./checkpoint.ts";
import { type Disk, type FileStat, replaceFileSynced } from "./disk.ts";
import { foldersOf, listFiles, ScratchOutput } from "./folder.ts";
import { canonicalJson, keyOf, type KeyRecord, STORE_FORMAT } from "./key.ts";
import { Memo } from "./memo.ts";
import type { ArtifactRecord } from "./schemas.ts";
import { inheritScratch } from "./scratch.ts";
import { isStoreKind, lockPath, scratchPath, useLock } from "./store_names.ts";

/** What is at a key's place. */
export type Found =
  | { state: "whole"; artifact: StoredArtifact }
  | { state: "missing" }
  | { state: "damaged"; why: string };

/** Where an artifact is being made. */
export interface Scratch {
  readonly output: ScratchOutput;
  readonly checkpoint: CheckpointFolder;
}

/** What `artifact.json` is to say of how an artifact came about. */
export type Made = ArtifactRecord["made"];

/**
 * Every artifact, by kind and key: `KIND/KEY/`. An artifact appears by one rename, whole and synced,
 * and is never changed after that.
 *
 * Beside the artifacts: `scratch/KIND-KEY[.TOKEN]/{out,checkpoint}` (what is being made), `locks/`, `aside/`
 * (what was damaged), `memo/` (a cache of digests) and `format` (a number).
 */
export class Store implements Disposable {
  readonly path: string;
  readonly disk: Disk;
  readonly #write: boolean;
  /** Shared locks on the artifacts that this run uses, by the lock's name. */
  readonly #uses = new Map<string, Lock>();

  private constructor(disk: Disk, path: string, write: boolean) {
    this.disk = disk;
    this.path = path;
    this.#write = write;
  }

  /**
   * @param options.write Makes the store where it is missing; a dry run leaves the disk as it is.
   * @throws {UserError} if the store has another format.
   */
  static async open(disk: Disk, path: string, options: { write: boolean }): Promise<Store> {
    const file = join(path, "format");
    const format = disk.readText(file)?.trim() ?? ""; // empty: an earlier version was killed there
    if (format !== "" && format !== String(STORE_FORMAT)) {
      throw new UserError(
        `Cannot use ${path}: it has format ${format}, and this version reads format ${STORE_FORMAT}`,
        { hint: "It was left as it is. Move it away, or use the version that made it." },
      );
    }
    if (format === "" && options.write) {
      disk.makeFolder(path);
      await replaceFileSynced(disk, file, `${STORE_FORMAT}\n`);
    }
    return new Store(disk, path, options.write);
  }

  /** Where an artifact is, or would be. */
  place(kind: string, key: string): string {
    if (!isStoreKind(kind)) {
      throw new UserError(`Cannot store artifacts of kind "${kind}"`, {
        hint: "A kind has letters, digits, - and _, and is none of the store's own words.",
      });
    }
    return join(this.path, kind, key);
  }

  /**
   * Looks an artifact up and checks it: the size of every file always, its digest whenever its stat
   * is not the one last verified.
   */
  async find(kind: string, key: string, signal?: AbortSignal): Promise<Found> {
    const path = this.place(kind, key);
    const text = this.disk.readText(join(path, ARTIFACT_FILE));
    if (text === undefined) {
      if (this.disk.linkStat(path) === undefined) return { state: "missing" };
      return { state: "damaged", why: `${ARTIFACT_FILE} is missing` };
    }
    const record = await parseArtifactRecord(text);
    if ("wrong" in record) return { state: "damaged", why: record.wrong };
    if (record.key !== key || record.kind !== kind) {
      return { state: "damaged", why: `${ARTIFACT_FILE} is of another artifact` };
    }
    const verified = await this.#verified(path, key);
    for (const [name, { size, sha256 }] of Object.entries(record.files)) {
      const file = join(path, name);
      const stat = this.disk.stat(file);
      if (!stat?.isFile) return { state: "damaged", why: `${name} is missing` };
      if (stat.size !== size) {
        return { state: "damaged", why: `${name} has ${stat.size} bytes, not ${size}` };
      }
      if (verified.get(file, stat) === sha256) continue;
      if (await this.disk.hash(file, signal) !== sha256) {
        return { state: "damaged", why: `the bytes of ${name} are not those that were published` };
      }
      verified.set(file, stat, sha256);
    }
    if (this.#write) await verified.save();
    return { state: "whole", artifact: new StoredArtifact(path, record) };
  }

  /** Takes a lock, by its name in store_names.ts. `onWait` gets the holder's PID, and host if another. */
  lock(name: string, options: Pick<LockOptions, "onWait" | "signal"> = {}): Promise<Lock> {
    return lockFile(lockPath(this.path, name), { ...options, disk: this.disk });
  }

  /**
   * Says that an artifact is in use, whether it is there yet or not, until the store is closed or
   * the process ends: nobody clears it away. To be said before the artifact is looked for.
   */
  async use(kind: string, key: string, signal?: AbortSignal): Promise<void> {
    const name = useLock(kind, key);
    if (this.#uses.has(name)) return;
    const path = lockPath(this.path, name);
    this.#uses.set(name, await lockFile(path, { shared: true, signal, disk: this.disk }));
  }

  /** Gives back what {@linkcode use} has taken. */
  [Symbol.dispose](): void {
    for (const lock of this.#uses.values()) lock.release();
    this.#uses.clear();
  }

  /**
   * Opens the place where an artifact is made: an empty output, and the checkpoint as it was left.
   * Only for the holder of the key's lock.
   *
   * @param options.fresh Throws the checkpoint away too.
   * @param options.lock The key's. Where it is a lease, the place is its holder's own.
   */
  openScratch(
    kind: string,
    key: string,
    options: { fresh?: boolean; lock?: Lock; warn: (text: string) => void },
  ): Scratch {
    const { fresh, lock, warn } = options;
    const path = scratchPath(this.path, kind, key, lock?.token);
    inheritScratch(this, { kind, key, path, fresh });
    this.disk.remove(join(path, "out"));
    this.disk.makeFolder(join(path, "out"));
    const setAside = (file: string) => this.setAside(file, `${kind}-${key}-checkpoint`);
    return {
      output: new ScratchOutput(this.disk, join(path, "out"), (from, to) => this.#take(from, to)),
      checkpoint: new CheckpointFolder(
        this.disk,
        join(path, "checkpoint"),
        setAside,
        warn,
        () => lock?.check(),
      ),
    };
  }

  /**
   * Removes what a stage that failed has written; its checkpoint stays.
   * @param options.all Removes the checkpoint too.
   * @param options.lock As it was given to {@linkcode openScratch}.
   */
  discardScratch(kind: string, key: string, options: { all: boolean; lock?: Lock }): void {
    const path = scratchPath(this.path, kind, key, options.lock?.token);
    this.disk.remove(options.all ? path : join(path, "out"));
    if (this.disk.list(path).length === 0) this.disk.remove(path);
  }

  /**
   * Makes what stands in scratch an artifact, and empties scratch. The order is what makes a kill
   * harmless: every file is on the disk before `artifact.json` is, and that before the rename.
   * What is at the place already makes way.
   *
   * @param options.lock The key's, which is seen to be held still just before the rename.
   * @param options.keep What is at the place stays.
   * @throws {LockLost} if somebody else has the lock, or with `keep` was faster.
   */
  async publish(
    record: KeyRecord,
    output: ScratchOutput,
    made: Made,
    options: { signal?: AbortSignal; lock?: Lock; keep?: boolean } = {},
  ): Promise<StoredArtifact> {
    const { signal, lock, keep = false } = options;
    const { kind } = record;
    const key = await keyOf(record);
    const place = this.place(kind, key);
    const names = listFiles(this.disk, output.path).sort();
    const stats = new Map<string, FileStat>();
    const files: ArtifactRecord["files"] = {};
    for (const name of names) {
      const file = join(output.path, name);
      const stat = this.disk.linkStat(file);
      if (!stat?.isFile) throw new Error(`Cannot publish "${name}": it is not a plain file`);
      const known = output.taken.get(name);
      const untouched = known !== undefined && canonicalJson(known.stat) === canonicalJson(stat);
      if (!untouched) await this.disk.sync(file);
      const sha256 = (untouched ? known.sha256 : undefined) ?? await this.disk.hash(file, signal);
      files[name] = { size: stat.size, sha256 };
      stats.set(name, stat);
    }
    const artifact: ArtifactRecord = {
      format: STORE_FORMAT,
      kind,
      key,
      record,
      content: await contentOf(files),
      files,
      made,
    };
    for (const folder of foldersOf(names)) await this.disk.sync(join(output.path, folder));
    const description = join(output.path, ARTIFACT_FILE);
    this.disk.write(description, JSON.stringify(artifact, null, 2) + "\n");
    await this.disk.sync(description);
    await this.disk.sync(output.path);
    const parent = join(this.path, kind);
    this.disk.makeFolder(parent);
    lock?.check();
    const there = this.disk.linkStat(place) !== undefined;
    if (there && keep) throw new LockLost(`Another process was faster with ${place}`);
    const replaced = there ? this.setAside(place, `${kind}-${key}`) : undefined;
    this.disk.rename(output.path, place); // fails where somebody has published in this moment
    await this.disk.sync(parent);
    if (replaced !== undefined) this.disk.remove(replaced);
    this.disk.remove(dirname(output.path));
    await this.#trust(place, artifact, stats);
    return new StoredArtifact(place, artifact);
  }

  /** Moves what is damaged or no longer wanted to `aside/`, and says where it is now. */
  setAside(path: string, label: string): string {
    const folder = join(this.path, "aside");
    this.disk.makeFolder(folder);
    const stamp = new Date().toISOString().replaceAll(/[:.]/g, "-");
    let place = join(folder, `${label}-${stamp}`);
    for (let i = 2; this.disk.linkStat(place) !== undefined; i++) {
      place = join(folder, `${label}-${stamp}-${i}`);
    }
    this.disk.rename(path, place);
    return place;
  }

  /**
   * Keeps what was just hashed as verified. Done last, as removing a checkpoint that the output was
   * linked to changes the stat of the files once more; their bytes are those of `before`.
   */
  async #trust(
    place: string,
    { key, files }: ArtifactRecord,
    before: ReadonlyMap<string, FileStat>,
  ): Promise<void> {
    const verified = await this.#verified(place, key);
    for (const [name, { size, inode, mtime }] of before) {
      const file = join(place, name);
      const stat = this.disk.stat(file);
      const same = stat?.size === size && stat.inode === inode && stat.mtime === mtime;
      if (same) verified.set(file, stat, files[name].sha256);
    }
    await verified.save();
  }

  /** Digests that were verified, by name in the artifact (the memo's paths are relative). */
  #verified(root: string, key: string): Promise<Memo<string>> {
    return Memo.open<string>(this.disk, join(this.path, "memo", "verified", `${key}.json`), root);
  }

  /**
   * Links a file into scratch, or copies it where the disk has no links. A link changes the stat of
   * the artifact that the file belongs to; where its digest was verified it stays so.
   */
  async #take(from: string, to: string): Promise<string | undefined> {
    const before = this.disk.stat(from);
    const [kind, key, ...name] = relative(this.path, from).split(/[\\/]/);
    const verified = kind !== ".." && name.length > 0
      ? await this.#verified(join(this.path, kind, key), key)
      : undefined;
    const digest = before && verified?.get(from, before);
    try {
      this.disk.hardLink(from, to);
    } catch {
      await this.disk.copy(from, to);
      await this.disk.sync(to);
      return undefined;
    }
    const after = this.disk.stat(from);
    if (digest !== undefined && after !== undefined) {
      verified!.set(from, after, digest);
      await verified!.save();
    }
    return digest;
  }
}
