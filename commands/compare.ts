import { join } from "node:path";
import { digestOf } from "../base/digest.ts";
import { shortPath } from "../pipeline/config_file.ts";
import { type Command, type CommandLine, CommandLineError } from "./cli.ts";
import { compareRuns, type Comparison, labelsOf, sweepOf } from "./compare/comparison.ts";
import { formatComparison } from "./compare/format.ts";
import { writeComparison } from "./compare/page.ts";
import { readCompared } from "./compare/read.ts";
import { findRun } from "./find_run.ts";
import { outputsFolder, toWrite } from "./paths.ts";
import { listRuns } from "./run_list.ts";

/** `deno task compare`: runs side by side. */
export const command: Command = {
  name: "compare",
  summary: "Shows what differs between runs: parameters, results, times, and their curves together",
  usage: "RUN RUN…",
  arguments: { least: 1, most: Infinity },
  options: [
    {
      name: "out",
      value: "DIR",
      description: "Folder of the page and its figure; default: outputs/.compare/ and the names",
    },
    { name: "json", description: "Print the comparison as JSON and write nothing" },
  ],
  example:
    "deno task compare quickstart cifar10 (a run, SWEEP/POINT, or a SWEEP for all its points)",
  run,
};

async function run(line: CommandLine): Promise<number> {
  const outputs = outputsFolder();
  const all = await listRuns(outputs);
  const names = line.positionals.flatMap((word) => {
    const found = findRun(all, word, outputs);
    if (found.kind === "run") return [found.name];
    return found.points.filter(({ state }) => state !== "not begun").map(({ name }) => name);
  });
  const distinct = [...new Set(names)];
  if (distinct.length < 2) {
    const what = distinct.length === 1 ? `"${distinct[0]}" with itself` : "nothing";
    throw new CommandLineError(`Cannot compare ${what}: name two runs or more, or a sweep`, {
      hint: "deno task status lists them",
    });
  }
  const runs = [];
  for (const name of distinct) runs.push(await readCompared(outputs, name));
  const comparison = compareRuns(runs);
  if (line.flag("json")) {
    console.log(JSON.stringify(toJson(comparison), null, 2));
    return 0;
  }
  console.log(formatComparison(comparison));
  const out = line.text("out");
  const folder = out === undefined
    ? join(outputs, ".compare", await folderName(runs))
    : toWrite(out);
  console.log(
    `\nSide by side, with curves: ${shortPath(await writeComparison(folder, comparison))}`,
  );
  return 0;
}

/** A folder's name of the runs': all of them, or, where that is long, how many and a digest. */
async function folderName(runs: readonly { readonly name: string }[]): Promise<string> {
  const sweep = sweepOf(runs);
  const labels = labelsOf(runs).map((name) => name.replaceAll("/", "-"));
  const whole = [...(sweep === undefined ? [] : [sweep]), labels.join("+")].join("-");
  if (whole.length <= 80) return whole;
  const digest = await digestOf(JSON.stringify(runs.map(({ name }) => name)));
  return `${sweep ?? labels[0].slice(0, 50)}-${runs.length}-runs-${digest.slice(0, 8)}`;
}

function toJson({ runs, parameters, stages, others }: Comparison) {
  const byName = (rows: Comparison["parameters"]) =>
    Object.fromEntries(rows.map(({ name, values }) => [name, values]));
  return {
    runs: runs.map(({ name, numbers, epochs, artifacts }) => ({
      name,
      numbers,
      seconds: Object.fromEntries(
        Object.entries(artifacts).map(([stage, { made }]) => [stage, made.seconds]),
      ),
      epochs: epochs ?? null,
    })),
    parameters: byName(parameters),
    stages: byName(stages),
    others,
  };
}
