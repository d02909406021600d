import { dirname, join } from "node:path";
import type { Checkpoint } from "../stages/stage.ts";
import { checkedName, listFiles } from "./folder.ts";
import { type Disk, replaceFileSynced } from "./disk.ts";

const DIGEST = ".sha256";
const TEMPORARY = ".saving";

/**
 * Files of a stage that is under way. Beside each stands the SHA-256 that it must have; while one is
 * replaced, both the old digest and the new are allowed, so that a kill at any moment leaves either.
 */
export class CheckpointFolder implements Checkpoint {
  readonly #disk: Disk;
  readonly #path: string;
  readonly #setAside: (path: string) => string;
  readonly #warn: (text: string) => void;
  readonly #check: () => void;

  /**
   * @param path The folder; made at the first save.
   * @param setAside Moves a damaged file out of the way and says where to.
   * @param check Throws where somebody else works at the stage by now.
   */
  constructor(
    disk: Disk,
    path: string,
    setAside: (path: string) => string,
    warn: (text: string) => void,
    check: () => void = () => {},
  ) {
    this.#disk = disk;
    this.#path = path;
    this.#setAside = setAside;
    this.#warn = warn;
    this.#check = check;
  }

  async save(name: string, write: (path: string) => Promise<void>): Promise<void> {
    const path = this.#file(name);
    const temporary = path + TEMPORARY;
    this.#check();
    this.#disk.makeFolder(dirname(path));
    try {
      await write(temporary);
      await this.#disk.sync(temporary);
      const digest = await this.#disk.hash(temporary);
      // More than one old digest: kills between the next two lines may have come one after another.
      const old = this.#disk.stat(path) ? this.#digests(path).slice(0, 7) : [];
      await replaceFileSynced(this.#disk, path + DIGEST, [digest, ...old].join("\n") + "\n");
      this.#disk.rename(temporary, path);
      await this.#disk.sync(dirname(path));
    } catch (error) {
      this.#disk.remove(temporary);
      throw error;
    }
  }

  async load(name: string): Promise<string | undefined> {
    const path = this.#file(name);
    if (!this.#disk.stat(path)?.isFile) return undefined;
    if (this.#digests(path).includes(await this.#disk.hash(path))) return path;
    const place = this.#setAside(path);
    this.#disk.remove(path + DIGEST);
    this.#warn(`The checkpoint ${name} is damaged; it was moved to ${place} and is not used.`);
    return undefined;
  }

  list(): Promise<string[]> {
    const names = listFiles(this.#disk, this.#path);
    return Promise.resolve(
      names.filter((name) => !/\.(?:sha256|saving|tmp)$/.test(name)).sort(),
    );
  }

  remove(name: string): Promise<void> {
    const path = this.#file(name);
    this.#disk.remove(path);
    this.#disk.remove(path + DIGEST);
    return Promise.resolve();
  }

  #file(name: string): string {
    if (/\.(?:sha256|saving|tmp)$/.test(name)) {
      throw new Error(`Cannot save a checkpoint as "${name}": that ending is the store's own`);
    }
    return join(this.#path, checkedName(name));
  }

  #digests(path: string): string[] {
    return (this.#disk.readText(path + DIGEST) ?? "").split("\n").filter(Boolean);
  }
}
