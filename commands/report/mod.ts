import { join } from "node:path";
import { realDisk, replaceFile } from "../../pipeline/disk.ts";
import { runSchema } from "../../pipeline/schemas.ts";
import { STAGES } from "../../stages/mod.ts";
import { readJson } from "../results.ts";
import { buildReport } from "./build.ts";
import { toHtml } from "./html.ts";
import { toMarkdown } from "./markdown.ts";
import { reportFile, type ReportOptions } from "./options.ts";
import { type FindDefinition, readRun } from "./read.ts";
import { readStamp } from "./stamp.ts";

export type { ReportOptions } from "./options.ts";

/**
 * Writes `report.html`, one page that needs nothing beside it, and `report.md`, which shows the PNGs
 * of the run. Both are made of the run's folder alone, whatever part of a run it holds.
 *
 * @param folder `outputs/NAME`, with its `run.json`.
 * @throws {UserError} if there is no run in it.
 */
export async function writeReport(
  folder: string,
  options: ReportOptions = {},
  find?: FindDefinition,
): Promise<void> {
  const report = buildReport(await readRun(folder, find), options);
  const { stamp: _, ...asked } = options;
  replaceFile(realDisk, join(folder, "report.json"), JSON.stringify(asked, null, 2) + "\n");
  // The page comes last: its stamp speaks for both.
  replaceFile(realDisk, join(folder, "report.md"), toMarkdown(report));
  replaceFile(realDisk, join(folder, "report.html"), toHtml(report));
}

/**
 * Writes the report of a run anew, with what its last one knew of the config and the command.
 * @returns path of `report.html`.
 * @throws {UserError} if there is no run in the folder.
 */
export async function rewriteReport(folder: string): Promise<string> {
  const known = await Deno.readTextFile(join(folder, "report.json")).catch(() => "{}");
  const run = await readJson(join(folder, "run.json"), runSchema);
  // What a stage of the user's own finds is known to a run alone: without a stamp the next one tells it.
  const whole = run?.stages.every(({ kind }) => STAGES.some((stage) => stage.kind === kind));
  const stamp = whole ? readStamp(join(folder, "report.html")) : undefined;
  await writeReport(folder, { ...reportFile.safeParse(toJson(known)).data, stamp });
  return join(folder, "report.html");
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
