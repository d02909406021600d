import { join } from "node:path";
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
  await replace(join(folder, "report.md"), toMarkdown(report));
  await replace(join(folder, "report.html"), toHtml(report));
}

/** Writes beside the file and renames, so that nobody reads half of it. */
async function replace(path: string, text: string): Promise<void> {
  const temporary = `${path}.${Deno.pid}.tmp`;
  await Deno.writeTextFile(temporary, text);
  await Deno.rename(temporary, path);
}
