import { dirname, join } from "node:path";
import type { OutputFolder } from "../stages/stage.ts";
import { ARTIFACT_FILE } from "./artifact.ts";
import { type Disk, type FileStat } from "./disk.ts";

/**
 * A name of a file inside a folder, with `/`.
 *
 * @throws {Error} if it would lead out of the folder.
 */
export function checkedName(name: string): string {
  const parts = name.split("/");
  if (/[\\\0]/.test(name) || parts.some((part) => part === "" || part === "." || part === "..")) {
    throw new Error(`Cannot name a file "${name}": names are relative, with "/", without ".."`);
  }
  return name;
}

/** Names of all files below a folder, with `/`, in no order; links and other things are listed too. */
export function listFiles(disk: Disk, path: string, prefix = ""): string[] {
  return disk.list(path).flatMap((entry) =>
    entry.isDirectory
      ? listFiles(disk, join(path, entry.name), `${prefix}${entry.name}/`)
      : [prefix + entry.name]
  );
}

/** Every folder that files lie in, deepest first, without the top. */
export function foldersOf(names: readonly string[]): string[] {
  const folders = new Set<string>();
  for (const name of names) {
    const parts = name.split("/").slice(0, -1);
    for (let i = parts.length; i > 0; i--) folders.add(parts.slice(0, i).join("/"));
  }
  return [...folders].sort((a, b) => b.length - a.length);
}

/** A file that was taken over from another artifact, as it was then. */
export interface TakenFile {
  readonly stat: FileStat;
  /** Where it is known. */
  readonly sha256: string | undefined;
}

/** Takes a file over; undefined digest where it must be worked out. */
export type TakeFile = (from: string, to: string) => Promise<string | undefined>;

/** The folder in scratch that a stage writes and that becomes its artifact. */
export class ScratchOutput implements OutputFolder {
  readonly path: string;
  /** By name, for files that came from another artifact. */
  readonly taken = new Map<string, TakenFile>();
  readonly #disk: Disk;
  readonly #take: TakeFile;

  constructor(disk: Disk, path: string, take: TakeFile) {
    this.#disk = disk;
    this.path = path;
    this.#take = take;
  }

  file(name: string): string {
    const top = checkedName(name).split("/")[0];
    if (name === ARTIFACT_FILE || top === "figures") {
      throw new Error(`Cannot write "${name}" into an artifact: that name is the store's own`);
    }
    const path = join(this.path, name);
    // Writing through a name that was taken over would change the other artifact.
    if (this.taken.delete(name)) this.#disk.remove(path);
    this.#disk.makeFolder(dirname(path));
    return path;
  }

  // deno-lint-ignore require-await -- a value that cannot be written is to reject, not to be thrown
  async json(name: string, value: unknown): Promise<void> {
    const place = findNotFinite(value);
    if (place !== undefined) {
      const [path, number] = place;
      throw new Error(
        `Cannot write ${number} at "${path}" into ${name}: JSON has finite numbers only`,
      );
    }
    return this.text(name, JSON.stringify(value, null, 2) + "\n");
  }

  text(name: string, text: string): Promise<void> {
    return this.#write(name, text);
  }

  bytes(name: string, bytes: Uint8Array): Promise<void> {
    return this.#write(name, bytes);
  }

  async take(name: string, from: string): Promise<void> {
    const path = this.file(name);
    this.#disk.remove(path);
    const sha256 = await this.#take(from, path);
    const stat = this.#disk.stat(path);
    if (stat !== undefined) this.taken.set(name, { stat, sha256 });
  }

  // deno-lint-ignore require-await -- an error of the disk is to reject, not to be thrown
  async #write(name: string, content: string | Uint8Array): Promise<void> {
    this.#disk.write(this.file(name), content);
  }
}

/** Dotted path of the first number in a value for which JSON would write `null`, and that number. */
function findNotFinite(value: unknown, path = ""): [path: string, number: number] | undefined {
  if (typeof value === "number" && !Number.isFinite(value)) return [path, value];
  if (typeof value !== "object" || value === null) return undefined;
  for (const [name, part] of Object.entries(value)) {
    const found = findNotFinite(part, path === "" ? name : `${path}.${name}`);
    if (found !== undefined) return found;
  }
}
