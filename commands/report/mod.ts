import { join } from "node:path";
import { realDisk, replaceFile } from "../../pipeline/disk.ts";
import { buildReport, type ReportOptions } from "./build.ts";
import { toHtml } from "./html.ts";
import { toMarkdown } from "./markdown.ts";
import { readRun } from "./read.ts";

export type { ReportOptions } from "./build.ts";

/**
 * Writes `report.html`, one page that needs nothing beside it, and `report.md`, which shows the PNGs
 * of the run. Both are made of the run's folder alone, whatever part of a run it holds.
 *
 * @param folder `outputs/NAME`, with its `run.json`.
 * @throws {UserError} if there is no run in it.
 */
export async function writeReport(folder: string, options: ReportOptions = {}): Promise<void> {
  const report = buildReport(await readRun(folder), options);
  // The page comes last: its stamp speaks for both.
  replaceFile(realDisk, join(folder, "report.md"), toMarkdown(report));
  replaceFile(realDisk, join(folder, "report.html"), toHtml(report));
}
