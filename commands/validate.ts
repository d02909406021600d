import { UserError } from "../base/errors.ts";
import { countPoints, type Sweep } from "../pipeline/sweep.ts";
import { readSweepFile } from "../pipeline/sweep_plans.ts";
import type { Plan } from "../pipeline/types.ts";
import { registry } from "../stages/mod.ts";
import type { Command, CommandLine } from "./cli.ts";
import { SET_OPTION } from "./options.ts";
import { fromCommandLine } from "./paths.ts";
import { printError } from "./print_error.ts";

/** `deno task validate`: says what is wrong with configs, or what they come to. */
export const command: Command = {
  name: "validate",
  summary: "Checks configs without running anything",
  usage: "CONFIG…",
  arguments: { least: 1, most: Infinity },
  options: [
    SET_OPTION,
    { name: "json", description: "Print the plans, every default filled in, one a line" },
  ],
  example: "deno task validate configs/cifar10.yaml",
  run,
};

async function run(line: CommandLine): Promise<number> {
  let exit = 0;
  for (const typed of line.positionals) {
    try {
      const config = fromCommandLine(typed);
      const { plan, sweep } = await readSweepFile({ config, set: line.list("set"), registry });
      console.log(
        line.flag("json") ? JSON.stringify(plainPlan(plan, sweep)) : describe(typed, plan, sweep),
      );
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      printError(error, line.flag("debug"));
      exit = 2;
    }
  }
  return exit;
}

function describe(config: string, plan: Plan, sweep?: Sweep): string {
  const names = plan.stages.map(({ name }) => name).join(", ");
  const points = sweep ? `; a sweep of ${countPoints(sweep)}` : "";
  return `${config}: nothing wrong; ${plan.stages.length} stages: ${names}${points}`;
}

function plainPlan(plan: Plan, sweep?: Sweep) {
  const stages = plan.stages.map(({ name, definition, params, needs, usesSeed }) => ({
    name,
    kind: definition.kind,
    needs,
    usesSeed,
    params,
  }));
  return { name: plan.name, seed: plan.seed, stages, ...(sweep ? { sweep } : {}) };
}
