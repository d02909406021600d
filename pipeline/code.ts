import { dirname, isAbsolute, join, relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { digestOf } from "../base/digest.ts";
import type { Disk } from "./disk.ts";
import type { Memo } from "./memo.ts";
import { ImportMap, type ImportTarget } from "./imports.ts";

/** The part of a file that can change a result, and what it imports. */
export interface FileCode {
  /** SHA-256 of its tokens; of its bytes where it is not TypeScript or JavaScript. */
  readonly digest: string;
  /** Specifiers as they are written, in order, without those of types alone. */
  readonly imports: readonly string[];
}

/** What is reached from one module through imports. */
export interface Reach {
  /** Name (see {@linkcode CodeReader.reach}) to digest; in order of name. */
  readonly code: Record<string, string>;
  /** Name of an npm package to its version in deno.lock; in order of name. */
  readonly packages: Record<string, string>;
}

/** A file of which it is known where its imports lead. */
export interface ResolvedFile {
  readonly digest: string;
  readonly targets: readonly ImportTarget[];
}

/** What reads code. When it changes, what it has read before no longer holds. */
const READER = new URL("./tokens.ts", import.meta.url);

/** Stands for the digest of a file that is not there. */
const MISSING = "missing";

interface Walk {
  readonly paths: ReadonlySet<string>;
  readonly reach: Reach;
}

const CODE = /\.(?:[cm]?[jt]s|[jt]sx)$/;

/** What a {@linkcode CodeReader} reads, and where it keeps that. */
export interface CodeReaderOptions {
  readonly disk: Disk;
  readonly memo: Memo<FileCode>;
  /** Folder of the deno.json and deno.lock that the process runs under. */
  readonly codeRoot: string;
  /** Folder of the config, for the modules of a user. */
  readonly project: string;
  /** What the process has read, by absolute path: a module that it has loaded stays as it is. */
  readonly files: Map<string, Promise<ResolvedFile>>;
}

/**
 * Follows imports from a module and gives a digest for each file on the way. Files that have not
 * changed since the last run come out of the memo, so that TypeScript is loaded for the others only.
 */
export class CodeReader {
  readonly #disk: Disk;
  readonly #memo: Memo<FileCode>;
  readonly #codeRoot: string;
  readonly #project: string;
  readonly #files: Map<string, Promise<ResolvedFile>>;
  readonly #walks = new Map<string, Promise<Walk>>();
  #imports: ImportMap | undefined;

  constructor(options: CodeReaderOptions) {
    this.#disk = options.disk;
    this.#memo = options.memo;
    this.#codeRoot = options.codeRoot;
    this.#project = options.project;
    this.#files = options.files;
    const path = fileURLToPath(READER);
    const reader = this.#disk.stat(path);
    if (reader !== undefined && this.#memo.get(path, reader) === undefined) {
      this.#memo.clear();
      this.#memo.set(path, reader, { digest: "", imports: [] });
    }
  }

  /**
   * Everything that `entry` (an absolute path) runs: itself and what it imports, directly or not, as
   * it was when the process first asked. Files are named by their path in the project, those of the
   * program that runs it by `program:` and their path there, others from the folder of `entry`.
   */
  async reach(entry: string): Promise<Reach> {
    return (await this.#walk(entry)).reach;
  }

  /** Name of a file whose code is no longer what {@linkcode reach} says; undefined: none. */
  async changed(entry: string): Promise<string | undefined> {
    for (const path of (await this.#walk(entry)).paths) {
      const now = await this.#read(path);
      const known = await this.#file(path);
      if ((now?.digest ?? MISSING) !== known.digest) return this.#name(path, dirname(entry));
    }
  }

  #walk(entry: string): Promise<Walk> {
    let walk = this.#walks.get(entry);
    if (walk === undefined) this.#walks.set(entry, walk = this.#follow(entry));
    return walk;
  }

  async #follow(entry: string): Promise<Walk> {
    const seen = new Set([entry]);
    const code: [string, string][] = [];
    const packages: [string, string][] = [];
    for (const path of seen) { // grows while it is walked
      const file = await this.#file(path);
      code.push([this.#name(path, dirname(entry)), file.digest]);
      for (const target of file.targets) {
        if (target.path !== undefined) seen.add(target.path);
        else packages.push([target.package, target.version]);
      }
    }
    return { paths: seen, reach: { code: sorted(code), packages: sorted(packages) } };
  }

  #file(path: string): Promise<ResolvedFile> {
    let file = this.#files.get(path);
    if (file === undefined) this.#files.set(path, file = this.#resolveFile(path));
    return file;
  }

  async #resolveFile(path: string): Promise<ResolvedFile> {
    const file = await this.#read(path);
    if (file === undefined) return { digest: MISSING, targets: [] };
    const targets = file.imports.map((specifier) => this.#resolve(specifier, path));
    return { digest: file.digest, targets: targets.filter((target) => target !== undefined) };
  }

  #resolve(specifier: string, from: string): ImportTarget | undefined {
    if (/^\.{1,2}\/[^%?#]*$/.test(specifier)) return { path: join(dirname(from), specifier) };
    if (/^\.{0,2}\//.test(specifier) || specifier.startsWith("file:")) {
      return { path: fileURLToPath(new URL(specifier, pathToFileURL(from))) };
    }
    this.#imports ??= ImportMap.read(this.#disk, this.#codeRoot);
    return this.#imports.resolve(specifier);
  }

  async #read(path: string): Promise<FileCode | undefined> {
    const stat = this.#disk.stat(path);
    if (!stat?.isFile) return undefined;
    const known = this.#memo.get(path, stat);
    if (known !== undefined) return known;
    const bytes = this.#disk.readBytes(path);
    if (bytes === undefined) return undefined;
    let code: FileCode = { digest: await digestOf(bytes), imports: [] };
    if (CODE.test(path)) {
      // No literal: Deno reads what stands behind literal dynamic imports at start, needed or not.
      const { readCode } = await import(READER.href) as typeof import("./tokens.ts");
      code = readCode(path, new TextDecoder().decode(bytes));
      code = { ...code, imports: code.imports.filter((name) => this.#counts(name, path)) };
    }
    this.#memo.set(path, stat, code);
    return code;
  }

  /** `new URL("../", import.meta.url)` names a folder, which is no code. */
  #counts(specifier: string, from: string): boolean {
    const path = this.#resolve(specifier, from)?.path;
    return path === undefined || !this.#disk.stat(path)?.isFolder;
  }

  /** A name that no other file has, and that does not change when the project is moved or renamed. */
  #name(path: string, entryFolder: string): string {
    const places = [["", this.#project], ["program:", this.#codeRoot], ["./", entryFolder]];
    for (const [mark, root] of places) {
      const name = relative(root, path);
      if (!name.startsWith("..") && !isAbsolute(name)) return mark + name.replaceAll(sep, "/");
    }
    return relative(entryFolder, path).replaceAll(sep, "/");
  }
}

/**
 * The module at which a stage's work begins: `run.ts` beside its `mod.ts`, or the module itself
 * where a user's stage is in one file.
 */
export function runModule(disk: Disk, module: string): string {
  return part(disk, module, "run.ts");
}

/** The module at which a stage's figures begin: `draw.ts` beside its `mod.ts`, or the module itself. */
export function drawModule(disk: Disk, module: string): string {
  return part(disk, module, "draw.ts");
}

function part(disk: Disk, module: string, name: string): string {
  const path = join(dirname(module), name);
  return /[\\/]mod\.ts$/.test(module) && disk.stat(path)?.isFile ? path : module;
}

function sorted(pairs: [string, string][]): Record<string, string> {
  return Object.fromEntries(pairs.sort(([a], [b]) => (a < b ? -1 : 1)));
}
