import { join } from "node:path";
import { UserError } from "../base/errors.ts";
import { shortPath } from "../pipeline/config_file.ts";
import type { Command, CommandLine } from "./cli.ts";
import { findRun, pointInstead } from "./find_run.ts";
import { outputsFolder } from "./paths.ts";
import { rewriteReport } from "./report/mod.ts";
import { printPage } from "./report/pdf.ts";
import { listRuns } from "./run_list.ts";

/** `deno task report`: the report of a run, again or as a PDF. */
export const command: Command = {
  name: "report",
  summary: "Writes the report of a run again; makes a PDF of it",
  usage: "RUN",
  arguments: { least: 1, most: 1 },
  options: [
    {
      name: "pdf",
      description: "Print it to report.pdf with the Chromium or Chrome that is there",
    },
  ],
  example: "deno task report quickstart --pdf",
  run,
};

async function run(line: CommandLine): Promise<number> {
  const outputs = outputsFolder();
  const [word] = line.positionals;
  const found = findRun(await listRuns(outputs), word, outputs);
  if (found.kind === "sweep") {
    throw new UserError(`Cannot write the report of the sweep ${found.name} again`, {
      hint: `Running the sweep does. A point has a report of its own: deno task report ${
        pointInstead(word, undefined)
      }`,
    });
  }
  const page = await rewriteReport(join(outputs, found.name));
  console.log(shortPath(page));
  if (line.flag("pdf")) console.log(shortPath(await printPage(page)));
  return 0;
}
