import { join } from "node:path";
import { digestOf } from "../../base/digest.ts";
import { exists } from "../../base/exists.ts";
import { lazily } from "../../base/lazy.ts";
import type { RunResult } from "../../pipeline/runner.ts";
import type { ReportOptions } from "./options.ts";
import type { FindDefinition } from "./read.ts";
import { readStamp } from "./stamp.ts";

const REPORT = lazily<typeof import("./mod.ts")>("./mod.ts", import.meta.url);

/**
 * Writes `report.html` and `report.md` of a run unless those that are there are made of the same
 * things. Nothing of the report's own code is loaded to find that out.
 *
 * @returns the path of the first.
 */
export async function updateReport(
  { folder, stages }: Pick<RunResult, "folder" | "stages">,
  options: ReportOptions,
  find?: FindDefinition,
): Promise<string> {
  const path = join(folder, "report.html");
  const stamp = await stampOf(folder, stages, options);
  if (readStamp(path) === stamp && exists(join(folder, "report.md"))) return path;
  const { writeReport } = await REPORT();
  await writeReport(folder, { ...options, stamp }, find);
  return path;
}

/** How a stage can end without an artifact that the report shows. */
const NOT_IN_PLACE = ["failed", "skipped", "interrupted", "not reached"];

/**
 * Digest of what a report is made of: `run.json`, but for what differs from one run to the next
 * though nothing has changed (clock, times, and whether a stage ran or was there), the config's
 * text, and the `artifact.json` of every stage and of its figures, which have the digests of the
 * rest.
 */
async function stampOf(
  folder: string,
  stages: RunResult["stages"],
  options: ReportOptions,
): Promise<string> {
  const run = JSON.parse(await Deno.readTextFile(join(folder, "run.json")));
  const ended = stages.map(({ name, key, status, error, reason }) => [
    ...[name, key],
    ...(NOT_IN_PLACE.includes(status) ? [status, error, reason] : []),
    readText(join(folder, name, "artifact.json")),
    readText(join(folder, name, "figures", "artifact.json")),
  ]);
  const { name, config, parameters, seed, engine } = run;
  return await digestOf(JSON.stringify([name, config, parameters, seed, engine, ended, options]));
}

function readText(path: string): string | null {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
