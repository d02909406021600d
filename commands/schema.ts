import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { configReference } from "../pipeline/reference.ts";
import { configJsonSchema } from "../pipeline/schema.ts";
import { artifactSchema, figuresSchema, runSchema } from "../pipeline/schemas.ts";
import { FILES } from "../stages/files.ts";
import { STAGES } from "../stages/mod.ts";
import type { Command, CommandLine } from "./cli.ts";
import { exportFile } from "./export/write.ts";
import { reportFile } from "./report/options.ts";
import { sweepFile } from "./sweep_file.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Every JSON file that a run or an export leaves behind. */
const PUBLISHED: Readonly<Record<string, z.ZodType>> = {
  "run.json": runSchema,
  "report.json": reportFile,
  "sweep.json": sweepFile,
  "artifact.json": artifactSchema,
  "figures.json": figuresSchema,
  "vitrine.json": exportFile,
  ...FILES,
};

/** `deno task schema`: what editors and readers know about the config, from the stages' schemas. */
export const command: Command = {
  name: "schema",
  summary: "Writes configs/schema.json and docs/ from the stages' schemas",
  usage: "",
  options: [
    { name: "check", description: "Write nothing; exit 1 where a file is not what it would be" },
  ],
  example: "deno task schema",
  run,
};

/** The generated files: path from the project's root, and text. */
export function generatedFiles(): { path: string; text: string }[] {
  return [
    {
      path: join("configs", "schema.json"),
      text: JSON.stringify(configJsonSchema(STAGES), null, 2) + "\n",
    },
    { path: join("docs", "config.md"), text: configReference(STAGES) },
    ...Object.entries(PUBLISHED).map(([name, schema]) => ({
      path: join("docs", "files", name.replace(/\.json$/, ".schema.json")),
      text: JSON.stringify({ title: name, ...z.toJSONSchema(schema) }, null, 2) + "\n",
    })),
  ];
}

async function run(line: CommandLine): Promise<number> {
  let exit = 0;
  for (const { path, text } of generatedFiles()) {
    const target = join(ROOT, path);
    const old = await Deno.readTextFile(target).catch(() => undefined);
    const name = relative(Deno.cwd(), target);
    if (old === text) console.log(`${name} is current`);
    else if (line.flag("check")) {
      console.error(`${name} is not current: run "deno task schema"`);
      exit = 1;
    } else {
      await Deno.mkdir(dirname(target), { recursive: true });
      await Deno.writeTextFile(target, text);
      console.log(`${name} written`);
    }
  }
  return exit;
}
