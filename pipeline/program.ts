import { join } from "node:path";
import { CodeReader, type FileCode, type ResolvedFile } from "./code.ts";
import type { Disk } from "./disk.ts";
import type { SharedStoreOptions } from "./elsewhere_schema.ts";
import { Memo } from "./memo.ts";
import type { Trouble } from "./remote/trouble.ts";
import { storePath } from "./store_names.ts";

/**
 * What a process keeps over all its runs: the points of a sweep, and several configs.
 *
 * Deno loads a module once, so what counts for every later run in the process is the code as it was
 * at first, whatever stands on the disk since.
 */
export class Program {
  /** Folder of the deno.json and deno.lock that the process runs under. */
  readonly codeRoot: string;
  /** Keys of the shared artifacts that the process has made: forced or not, each is made once. */
  readonly made = new Set<string>();
  readonly #troubles = new Map<string, Trouble>();
  readonly #files = new Map<string, Promise<ResolvedFile>>();
  readonly #readers = new Map<string, Promise<{ code: CodeReader; memo: Memo<FileCode> }>>();

  constructor(codeRoot: string) {
    this.codeRoot = codeRoot;
  }

  /** What went wrong with a shared store until now. */
  trouble(options: SharedStoreOptions, make: () => Trouble): Trouble {
    const name = JSON.stringify(options);
    let trouble = this.#troubles.get(name);
    if (trouble === undefined) this.#troubles.set(name, trouble = make());
    return trouble;
  }

  /** What reads code for a project, and the memo that it fills. */
  reader(disk: Disk, project: string): Promise<{ code: CodeReader; memo: Memo<FileCode> }> {
    let reader = this.#readers.get(project);
    if (reader === undefined) this.#readers.set(project, reader = this.#open(disk, project));
    return reader;
  }

  async #open(disk: Disk, project: string) {
    const path = join(storePath(project), "memo", "code.json");
    const memo = await Memo.open<FileCode>(disk, path, project);
    const { codeRoot } = this;
    return { memo, code: new CodeReader({ disk, memo, codeRoot, project, files: this.#files }) };
  }
}
