import { messageOf, sentenceOf, UserError } from "../base/errors.ts";
import { quoted } from "../base/printable.ts";
import type { DeclaredStage } from "./declare.ts";
import type { Graph } from "./graph.ts";
import type { Place, ProblemList } from "./problems.ts";
import { find, type Tree } from "./tree.ts";
import type { Plan, PlannedStage } from "./types.ts";
import { ancestors, viewOf } from "./view.ts";

/**
 * Lets every stage fill in what only others know, in the order of the graph. A stage around which
 * something is wrong already is left as it is: what it would say follows from that.
 * @param plan The stages in order with the parameters that their schemas gave.
 * @returns The same stages, completed.
 */
export async function completeStages(
  plan: Plan,
  declared: readonly DeclaredStage[],
  graph: Graph,
  problems: ProblemList,
): Promise<Plan> {
  let current = plan;
  // A stage of unknown kind may be the very one that another would ask.
  if (declared.some(({ definition }) => definition === undefined)) return plan;
  const named = (stages: readonly DeclaredStage[]) => new Set(stages.map(({ name }) => name));
  const sound = named(declared.filter(({ params }) => params !== undefined));
  // Others may be asked about a stage whose own mistakes do not hide what it is.
  const known = named(
    declared.filter(({ name, mended }) => mended !== undefined && !graph.incomplete.has(name)),
  );
  for (const { name } of plan.stages) {
    const stage = current.stages.find((other) => other.name === name)!;
    if (stage.definition.complete === undefined) continue;
    if (!sound.has(name)) continue;
    if (![name, ...related(current, name)].every((other) => known.has(other))) continue;
    const before = problems.size;
    const params = await complete(current, stage, declared, problems);
    if (problems.size > before) known.delete(name);
    const stages = current.stages.map((other) => other === stage ? { ...stage, params } : other);
    current = { ...current, stages };
  }
  return current;
}

async function complete(
  plan: Plan,
  stage: PlannedStage,
  declared: readonly DeclaredStage[],
  problems: ProblemList,
): Promise<Record<string, unknown>> {
  const { at, tree } = declared.find(({ name }) => name === stage.name)!;
  const problem = (parameter: string, message: string) => {
    // A parameter that is not written is pointed at by its stage's name.
    const found = parameter === "" ? undefined : find(tree, parameter.split("."));
    problems.add(found === undefined ? at : settingIn(found.value) ?? found.value.at, message);
  };
  try {
    const view = { ...viewOf(plan, stage), problem };
    return await stage.definition.complete!(stage.params, view) as Record<string, unknown>;
  } catch (error) {
    const message = error instanceof UserError
      ? sentenceOf(error)
      : `Cannot complete the parameters of ${quoted(stage.name)}: ${messageOf(error)}`;
    problem("", message);
    return stage.params;
  }
}

/** Where the command line wrote a part of a value: the file's line no longer says what is wrong. */
export function settingIn(tree: Tree): Place | undefined {
  if (tree.at.source.text === null) return tree.at;
  const inner = tree.type === "map"
    ? [...tree.entries.values()].map(({ value }) => value)
    : tree.type === "list"
    ? tree.items
    : [];
  return inner.map(settingIn).findLast((place) => place !== undefined);
}

/** Names of the stages above and below one. */
function related(plan: Plan, name: string): string[] {
  const below = plan.stages.filter((other) => ancestors(plan, other.name).has(name));
  return [...ancestors(plan, name), ...below.map((other) => other.name)];
}
