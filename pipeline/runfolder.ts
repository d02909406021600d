import { dirname, join, relative } from "node:path";
import { ARTIFACT_FILE, parseArtifactRecord, StoredArtifact } from "./artifact.ts";
import { type Log, replaceFile, temporaryName } from "./disk.ts";
import { listFiles } from "./folder.ts";
import { type ArtifactRecord, type RunRecord, runSchema } from "./schemas.ts";
import type { Store } from "./store.ts";
import { runLock } from "./store_names.ts";

/** Folder of a stage's figures inside the stage's folder. */
const FIGURES = "figures";

/**
 * `outputs/NAME/`: what one config produced, for people to open. A folder for each stage with a
 * relative link to each file of its artifact (a copy where the disk has no links), and `run.json`.
 */
export class RunFolder {
  readonly path: string;
  readonly #store: Store;
  readonly #name: string;

  /** @param name The run's name; with `/` for the point of a sweep. */
  constructor(store: Store, outputs: string, name: string) {
    this.#store = store;
    this.#name = name;
    this.path = join(outputs, name);
  }

  /** Whether a stage's folder shows this artifact already. Without `figures` they do not count. */
  isPlaced(stage: string, artifact: StoredArtifact, figures?: StoredArtifact): boolean {
    const folder = join(this.path, stage);
    return this.#shows(folder, artifact) &&
      (figures === undefined || this.#shows(join(folder, FIGURES), figures));
  }

  /**
   * Makes a stage's folder show an artifact and its figures. Each file is replaced by a rename, so
   * none is ever broken, and `artifact.json` comes last. Does nothing where all is in place.
   */
  async place(
    stage: string,
    artifact: StoredArtifact,
    figures: StoredArtifact | undefined,
    signal?: AbortSignal,
  ): Promise<void> {
    if (this.isPlaced(stage, artifact, figures)) return;
    using _lock = await this.#lock(signal);
    const folder = join(this.path, stage);
    await this.#fill(folder, artifact, figures === undefined ? [] : [FIGURES]);
    if (figures !== undefined) await this.#fill(join(folder, FIGURES), figures, []);
  }

  /** Removes the folders of stages that the config no longer has, but for what others put there. */
  async keepOnly(stages: readonly string[]): Promise<void> {
    const disk = this.#store.disk;
    const gone = disk.list(this.path).filter(({ name, isDirectory }) =>
      isDirectory && !stages.includes(name) &&
      disk.linkStat(join(this.path, name, ARTIFACT_FILE)) !== undefined
    );
    if (gone.length === 0) return;
    using _lock = await this.#lock();
    for (const { name } of gone) {
      for (const folder of [join(this.path, name, FIGURES), join(this.path, name)]) {
        await this.#empty(folder);
      }
    }
  }

  /** Record of the artifact that a stage's folder shows; undefined where there is none to read. */
  previous(stage: string): Promise<ArtifactRecord | undefined> {
    return this.#recordIn(join(this.path, stage));
  }

  /** Record of the figures that a stage's folder shows. */
  previousFigures(stage: string): Promise<ArtifactRecord | undefined> {
    return this.#recordIn(join(this.path, stage, FIGURES));
  }

  /** `run.json` of the last run; undefined where there is none to read. */
  readRun(): RunRecord | undefined {
    try {
      const text = this.#store.disk.readText(join(this.path, "run.json"));
      return text === undefined ? undefined : runSchema.safeParse(JSON.parse(text)).data;
    } catch {
      return undefined;
    }
  }

  writeRun(run: RunRecord): void {
    replaceFile(
      this.#store.disk,
      join(this.path, "run.json"),
      JSON.stringify(run, null, 2) + "\n",
    );
  }

  /** Begins a new `events.jsonl`; one that another process still writes goes on under no name. */
  openLog(): Log {
    const path = join(this.path, "events.jsonl");
    const temporary = temporaryName(path);
    this.#store.disk.makeFolder(this.path);
    const log = this.#store.disk.openLog(temporary);
    this.#store.disk.rename(temporary, path);
    return log;
  }

  #lock(signal?: AbortSignal) {
    return this.#store.lock(runLock(this.#name), { signal });
  }

  async #recordIn(folder: string): Promise<ArtifactRecord | undefined> {
    const text = this.#store.disk.readText(join(folder, ARTIFACT_FILE));
    if (text === undefined) return undefined;
    const record = await parseArtifactRecord(text);
    return "wrong" in record ? undefined : record;
  }

  #shows(folder: string, artifact: StoredArtifact): boolean {
    const { disk } = this.#store;
    if (disk.linkStat(folder)?.isFolder !== true) return false;
    return [...artifact.files, ARTIFACT_FILE].every((name) => {
      const path = join(folder, name);
      const link = disk.readLink(path);
      if (link !== undefined) return link === relative(dirname(path), join(artifact.path, name));
      if (name === ARTIFACT_FILE) {
        return disk.readText(path) === disk.readText(join(artifact.path, name));
      }
      return disk.linkStat(path)?.size === artifact.record.files[name].size;
    });
  }

  async #fill(folder: string, artifact: StoredArtifact, keep: readonly string[]): Promise<void> {
    const { disk } = this.#store;
    if (disk.linkStat(folder)?.isFolder === false) disk.remove(folder);
    disk.makeFolder(folder);
    const wanted = [...artifact.files, ARTIFACT_FILE];
    await this.#removePlaced(folder, [...wanted, ...keep]);
    for (const name of wanted) await this.#link(join(folder, name), join(artifact.path, name));
    this.#removeEmpty(folder, keep);
  }

  async #link(path: string, target: string): Promise<void> {
    const { disk } = this.#store;
    const folder = dirname(path);
    if (disk.linkStat(folder)?.isFolder === false) disk.remove(folder);
    disk.makeFolder(folder);
    if (disk.linkStat(path)?.isFolder) disk.remove(path);
    const temporary = temporaryName(path);
    disk.remove(temporary);
    try {
      disk.symlink(relative(folder, target), temporary);
    } catch {
      await disk.copy(target, temporary);
    }
    disk.rename(temporary, path);
  }

  async #empty(folder: string): Promise<void> {
    const { disk } = this.#store;
    await this.#removePlaced(folder, []);
    this.#removeEmpty(folder, []);
    if (disk.list(folder).length === 0) disk.remove(folder);
  }

  /** Removes what a run has put into a folder; what somebody else has put there stays. */
  async #removePlaced(folder: string, keep: readonly string[]): Promise<void> {
    const { disk } = this.#store;
    const files = (await this.#recordIn(folder))?.files ?? {};
    for (const name of listFiles(disk, folder)) {
      if (keep.includes(name) || keep.includes(name.split("/")[0])) continue;
      const path = join(folder, name);
      const placed = name in files || name === ARTIFACT_FILE || name.endsWith(".tmp");
      if (placed || disk.linkStat(path)?.isLink) disk.remove(path);
    }
  }

  #removeEmpty(folder: string, keep: readonly string[]): void {
    const { disk } = this.#store;
    for (const { name, isDirectory } of disk.list(folder)) {
      if (!isDirectory || keep.includes(name)) continue;
      this.#removeEmpty(join(folder, name), []);
      if (disk.list(join(folder, name)).length === 0) disk.remove(join(folder, name));
    }
  }
}
