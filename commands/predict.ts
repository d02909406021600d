import { lazily } from "../base/lazy.ts";
import { type Command, type CommandLine, CommandLineError } from "./cli.ts";
import { ENGINE_OPTION, THREADS_OPTION } from "./options.ts";

/** `deno task predict`: what a model takes one's own photographs for. */
export const command: Command = {
  name: "predict",
  summary: "Names the classes of images, with probabilities, by a run's model or any checkpoint",
  usage: "RUN|MODEL IMAGE|FOLDER…",
  arguments: { least: 2, most: Infinity },
  options: [
    {
      name: "top",
      value: "N",
      range: [1, 1_000_000],
      description: "Classes to name for each image; default: 5",
    },
    {
      name: "attention",
      value: "DIR",
      description: "Draw into this folder where the model looks in each image",
    },
    { name: "json", description: "Print JSON, one image a line" },
    { name: "csv", description: "Print CSV: path,rank,label,probability" },
    ENGINE_OPTION,
    THREADS_OPTION,
  ],
  example: "deno task predict quickstart photos/ --top 3",
  run,
};

const WORK = lazily<typeof import("./predict/mod.ts")>("./predict/mod.ts", import.meta.url);

async function run(line: CommandLine): Promise<number> {
  if (line.flag("json") && line.flag("csv")) {
    throw new CommandLineError("Cannot print JSON and CSV at once: write --json or --csv");
  }
  return await (await WORK()).predict(line);
}
