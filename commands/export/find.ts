import { dirname, join, relative } from "node:path";
import { UserError } from "../../base/errors.ts";
import { exists } from "../../base/exists.ts";
import { isRunning } from "../../pipeline/running.ts";
import { findRun, pointInstead, runName } from "../find_run.ts";
import { SWEEP_FILE } from "../folders.ts";
import { fromCommandLine, outputsFolder } from "../paths.ts";
import { readJson } from "../results.ts";
import { listRuns } from "../run_list.ts";
import { sweepFile } from "../sweep_file.ts";

/**
 * The folder of a run that is at rest.
 *
 * @param word Its name (`quickstart`, `SWEEP/POINT`), or the path of its folder.
 * @throws {UserError} if there is none, it is a whole sweep, or it is being written.
 */
export async function findRunFolder(word: string): Promise<string> {
  const outputs = outputsFolder();
  for (const folder of [fromCommandLine(word), join(outputs, runName(word))]) {
    if (exists(join(folder, "run.json"))) return atRest(folder);
    if (exists(join(folder, SWEEP_FILE))) throw await sweepError(word, folder);
  }
  const { name, state } = findRun(await listRuns(outputs), word, outputs);
  throw new UserError(`Cannot export "${name}": it has not come to an end yet (${state})`, {
    hint: "Run its config to the end first",
  });
}

async function sweepError(word: string, folder: string): Promise<UserError> {
  const sweep = await readJson(join(folder, SWEEP_FILE), sweepFile);
  const best = typeof sweep?.best === "string" ? ", its best, for example" : ", for example";
  return new UserError(`Cannot export "${word}": it is a sweep, and one of its runs is wanted`, {
    hint: `Name a run of it: ${pointInstead(word, sweep)}${best}`,
  });
}

/** While a run is at work its folder shows stages of two runs. */
function atRest(folder: string): string {
  for (const outputs of [dirname(folder), dirname(dirname(folder))]) {
    if (!exists(join(outputs, ".store"))) continue;
    const name = relative(outputs, folder);
    if (isRunning(outputs, name)) {
      throw new UserError(`Cannot export "${name}": a process is at work at it`, {
        hint: "Wait until it is done; deno task status shows how far it is",
      });
    }
  }
  return folder;
}
