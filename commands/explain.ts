import { UserError } from "../base/errors.ts";
import { explainStage, type Explanation } from "../pipeline/explanation.ts";
import { readSweepFile, type SweepFile } from "../pipeline/sweep_plans.ts";
import { listWords } from "../pipeline/suggest.ts";
import type { Plan } from "../pipeline/types.ts";
import { registry } from "../stages/mod.ts";
import type { Command, CommandLine } from "./cli.ts";
import { PROGRAM, RENDERER } from "./code.ts";
import { NAME_OPTION, SET_OPTION } from "./options.ts";
import { fromCommandLine } from "./paths.ts";
import { POINT_OPTION, pointNamed } from "./point.ts";

/** `deno task explain`: why a stage would run, or why not. */
export const command: Command = {
  name: "explain",
  summary: "Says why a stage would run, or why not",
  usage: "CONFIG STAGE",
  arguments: { least: 2, most: 2 },
  options: [
    SET_OPTION,
    NAME_OPTION,
    POINT_OPTION,
    { name: "json", description: "Print what differs between the two key records as JSON" },
  ],
  example: "deno task explain configs/cifar10.yaml train --set train.epochs=3",
  run,
};

async function run(line: CommandLine): Promise<number> {
  const [config, stage] = line.positionals;
  const file = await readSweepFile({
    config: fromCommandLine(config),
    set: line.list("set"),
    name: line.text("name"),
    registry,
  });
  const explanation = await explainStage(planFor(file, line.text("point")), stage, {
    program: PROGRAM,
    renderer: RENDERER,
  });
  console.log(line.flag("json") ? toJson(explanation) : formatExplanation(explanation));
  return 0;
}

function planFor(file: SweepFile, name: string | undefined): Plan {
  if (name !== undefined) return pointNamed(file, name).plan;
  if (file.points === undefined) return file.plan;
  throw new UserError("Cannot explain the points of a sweep at once: add --point POINT", {
    hint: `Its points are ${listWords(file.points.map((point) => point.name), "and")}`,
  });
}

/** An explanation as people read it. */
export function formatExplanation(explanation: Explanation): string {
  const { stage, status, folder, sentences, own, causes, kept } = explanation;
  const lines = [headline(explanation)];
  if (status === "restored" && sentences.length > 0) {
    lines.push(`What ${folder} shows is another one:`);
  }
  lines.push(...sentences.map((sentence) => `  ${sentence}`));
  for (const cause of causes) {
    lines.push("", headline(cause), ...cause.sentences.map((sentence) => `  ${sentence}`));
  }
  if (own !== undefined) {
    lines.push(
      "",
      own.length === 0
        ? `Of its own, nothing changed: if what it reads comes out the same, ${stage} is fresh.`
        : `Whatever comes of that, ${stage} itself has changed:`,
      ...own.map((sentence) => `  ${sentence}`),
    );
  }
  if (kept.length > 0) {
    const [are, they] = kept.length === 1 ? ["is", "it is"] : ["are", "they are"];
    const names = [kept.slice(0, -1).join(", "), kept.at(-1)].filter(Boolean).join(" and ");
    lines.push("", `${names} ${are} in place and would be read as ${they}.`);
  }
  return lines.join("\n");
}

function headline({ stage, status, reason, sentences }: Explanation): string {
  switch (status) {
    case "fresh":
      return `${stage} is fresh: ${reason}`;
    case "restored":
      return `${stage} would be restored: its artifact is in the store already`;
    case "failed":
      return `${stage} cannot be planned: ${reason}`;
    case "may run":
      return `${stage} may run: ${reason}`;
    default:
      return sentences.length > 0 ? `${stage} would run:` : `${stage} would run: ${reason}`;
  }
}

function toJson(explanation: Explanation): string {
  const plain = (one: Explanation): Record<string, unknown> => ({
    stage: one.stage,
    status: one.status,
    reason: one.reason,
    key: one.key,
    previous_key: one.previousKey,
    sentences: one.sentences,
    differences: one.differences,
    ...(one.own === undefined ? {} : { own: one.own }),
    kept: one.kept,
    causes: one.causes.map(plain),
  });
  return JSON.stringify(plain(explanation), null, 2);
}
