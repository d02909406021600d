import { join } from "node:path";
import { parseCommandLine } from "../../commands/cli.ts";
import { runElsewhere } from "../../commands/elsewhere.ts";
import { command, runHere } from "../../commands/run.ts";
import { readSweepFile } from "../../pipeline/sweep_plans.ts";
import { registry } from "../../stages/mod.ts";
import type { CommandProject } from "../commands/project.ts";
import type { FakeScheduler } from "./fake_scheduler.ts";

/** What `deno task run CONFIG --executor slurm …` said. */
export interface Said {
  readonly exit: number;
  readonly out: string;
  readonly errors: string;
}

/** Runs the command with a scheduler of the test's, and catches what it prints. */
export async function runBy(
  scheduler: FakeScheduler,
  project: CommandProject,
  config: string,
  ...args: string[]
): Promise<Said> {
  const path = join(project.path, config);
  const line = parseCommandLine([path, "--executor", "slurm", ...args], command);
  const said = { out: "", errors: "" };
  const { log, error } = console;
  console.log = (text: string) => said.out += `${text}\n`;
  console.error = (text: string) => said.errors += `${text}\n`;
  try {
    const name = line.text("name");
    const file = await readSweepFile({ config: path, set: line.list("set"), name, registry });
    const { signal } = new AbortController();
    const exit = await runElsewhere(file, "slurm", line, {
      signal,
      scheduler,
      collect: (only) => runHere(file, line, signal, { only }),
    });
    return { exit, ...said };
  } finally {
    [console.log, console.error] = [log, error];
  }
}

/** `deno task run CONFIG … --quiet`, in the test's own process. @returns the exit code. */
export async function runQuietly(
  project: CommandProject,
  config: string,
  ...args: string[]
): Promise<number> {
  const path = join(project.path, config);
  const line = parseCommandLine([path, "--quiet", ...args], command);
  const file = await readSweepFile({ config: path, set: [], name: undefined, registry });
  const { signal } = new AbortController();
  return await runHere(file, line, signal, { only: line.text("point") });
}

/** Every artifact's content by stage and point, and `sweep.json`, of a run. */
export function resultsOf(project: CommandProject, name: string): Record<string, string> {
  const found: Record<string, string> = {
    "sweep.json": project.read(`outputs/${name}/sweep.json`),
  };
  for (const { name: point } of JSON.parse(found["sweep.json"]).points) {
    for (const { name: stage } of project.json(`outputs/${name}/${point}/run.json`).stages) {
      const { key, content } = project.json(`outputs/${name}/${point}/${stage}/artifact.json`);
      found[`${point}/${stage}`] = `${key} ${content}`;
    }
  }
  return found;
}
