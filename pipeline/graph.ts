import { quoted } from "../base/printable.ts";
import type { InputSpec } from "../stages/stage.ts";
import type { DeclaredStage } from "./declare.ts";
import type { ProblemList } from "./problems.ts";
import { allOf } from "./roles.ts";
import { listWords, nearest } from "./suggest.ts";

/** Role to the name of the stage that it is read from, to a list of names for a role of many. */
export type Needs = Record<string, string | readonly string[]>;

/** What each stage reads, and an order in which that works. */
export interface Graph {
  /** By stage's name. */
  readonly needs: ReadonlyMap<string, Needs>;
  /** Names: every stage after those that it needs, otherwise as in the file. Undefined: a cycle. */
  readonly order: readonly string[] | undefined;
  /** Stages whose inputs could not all be found. */
  readonly incomplete: ReadonlySet<string>;
}

/** Finds the stage behind every input: by `needs` where it is written, else by its kind. */
export function buildGraph(stages: readonly DeclaredStage[], problems: ProblemList): Graph {
  const needs = new Map<string, Needs>();
  const incomplete = new Set<string>();
  /** Inputs that are looked for above another one: when all others are found. */
  const later: { stage: string; find: () => void }[] = [];
  for (const stage of stages) {
    const found: Needs = {};
    needs.set(stage.name, found);
    if (stage.definition === undefined) {
      // Of what kind it is is not known; what it needs by name still counts for cycles.
      for (const [role, { stages }] of stage.needs) {
        if (stages !== null) found[role] = stages.map(({ name }) => name);
      }
      incomplete.add(stage.name);
      continue;
    }
    const before = problems.size;
    checkRoles(stage, problems);
    for (const [role, spec] of Object.entries(stage.definition.inputs)) {
      if (typeof spec !== "string" && spec.many) {
        found[role] = findMany(stage, role, spec.from, stages, problems);
        continue;
      }
      const find = (among: readonly DeclaredStage[]) => {
        const name = findInput(stage, role, spec, { stages, among }, problems);
        if (name !== undefined) found[role] = name;
      };
      if (typeof spec === "string" || spec.above === undefined) find(stages);
      else {
        const { above, from } = spec;
        later.push({
          stage: stage.name,
          find: () => find(nearestAbove(found[above], from, needs, stages)),
        });
      }
    }
    if (problems.size > before) incomplete.add(stage.name);
  }
  for (const { stage, find } of later) {
    const before = problems.size;
    find();
    if (problems.size > before) incomplete.add(stage);
  }
  return { needs, order: sort(stages, needs, problems), incomplete };
}

/**
 * The stages of some kinds that an input is made from, directly or not: of those alone that it is made
 * from in the fewest steps. What it reads itself goes before what others have made of something else.
 */
function nearestAbove(
  role: Needs[string] | undefined,
  kinds: readonly string[],
  needs: ReadonlyMap<string, Needs>,
  stages: readonly DeclaredStage[],
): DeclaredStage[] {
  let level = [role ?? []].flat();
  const seen = new Set(level);
  while (level.length > 0) {
    level = level.flatMap((name) => allOf(needs.get(name) ?? {})).filter((name) => !seen.has(name));
    for (const name of level) seen.add(name);
    const found = stages.filter(({ name, definition }) =>
      level.includes(name) && kinds.includes(definition?.kind ?? "")
    );
    if (found.length > 0) return found;
  }
  return [];
}

function checkRoles(stage: DeclaredStage, problems: ProblemList): void {
  const roles = Object.keys(stage.definition!.inputs);
  for (const [role, { key }] of stage.needs) {
    if (roles.includes(role)) continue;
    const near = nearest(role, roles);
    const advice = near
      ? `did you mean "${near}"?`
      : roles.length > 0
      ? `its inputs are ${listWords(roles, "and")}`
      : "it has no inputs";
    problems.add(key, `Cannot find input ${quoted(role)} of ${quoted(stage.name)}: ${advice}`);
  }
}

function findInput(
  stage: DeclaredStage,
  role: string,
  spec: InputSpec,
  { stages, among }: { stages: readonly DeclaredStage[]; among: readonly DeclaredStage[] },
  problems: ProblemList,
): string | undefined {
  const { from, optional } = typeof spec === "string"
    ? { from: [spec], optional: false }
    : { optional: false, ...spec };
  const written = stage.needs.get(role);
  if (written?.list) {
    const first = written.stages?.[0]?.name;
    problems.add(
      written.at,
      `Cannot read ${quoted(role)} of ${quoted(stage.name)} from a list: it takes one stage` +
        (first === undefined ? "" : `, as in needs: { ${role}: ${first} }`),
    );
    return undefined;
  }
  if (written?.stages === null) {
    if (!optional) {
      const message = `Cannot leave out "${role}" of ${quoted(stage.name)}: it can't do without`;
      problems.add(written.at, message);
    }
    return undefined;
  }
  if (written?.stages) {
    return checkWritten(stage, role, from, written.stages[0], stages, problems);
  }
  for (const kind of from) {
    const found = among.filter((other) => other !== stage && other.definition?.kind === kind);
    if (found.length === 1) return found[0].name;
    if (found.length > 1) {
      const names = found.map((other) => other.name);
      problems.add(
        stage.at,
        `Cannot choose "${role}" of ${quoted(stage.name)} among ${listWords(names, "and")}: ` +
          `write needs: { ${role}: ${names[0]} }, for example`,
      );
      return undefined;
    }
  }
  // A stage whose word is misspelt is there; it is reported already.
  const misspelt = stages.some((other) =>
    other.definition === undefined && other.meant === undefined ||
    from.includes(other.meant ?? "")
  );
  if (!optional && !misspelt) {
    problems.add(
      stage.at,
      `Cannot run ${quoted(stage.name)} without "${role}": add a stage ${listWords(from)}`,
      true,
    );
  }
  return undefined;
}

/** The stages of a role that takes many: those that are written, and no others. */
function findMany(
  stage: DeclaredStage,
  role: string,
  from: readonly string[],
  stages: readonly DeclaredStage[],
  problems: ProblemList,
): string[] {
  const written = stage.needs.get(role);
  if (!written?.stages) return [];
  const cannot = `Cannot read ${quoted(role)} of ${quoted(stage.name)} from`;
  if (!written.list) {
    const [{ name }] = written.stages;
    const message = `${cannot} ${
      quoted(name)
    }: it takes a list, as in needs: { ${role}: [${name}] }`;
    problems.add(written.at, message);
    return [];
  }
  return written.stages.flatMap((one, index) => {
    if (written.stages!.findIndex(({ name }) => name === one.name) < index) {
      problems.add(one.at, `${cannot} ${quoted(one.name)} twice: each stage counts once`);
      return [];
    }
    return checkWritten(stage, role, from, one, stages, problems) ?? [];
  });
}

function checkWritten(
  stage: DeclaredStage,
  role: string,
  from: readonly string[],
  { at, name }: { readonly at: DeclaredStage["at"]; readonly name: string },
  stages: readonly DeclaredStage[],
  problems: ProblemList,
): string | undefined {
  const target = stages.find((other) => other.name === name);
  const cannot = `Cannot read "${role}" of ${quoted(stage.name)} from ${quoted(name)}`;
  if (target === undefined) {
    const near = nearest(name, stages.map((other) => other.name));
    const fitting = stages.filter(({ definition }) => from.includes(definition?.kind ?? ""));
    const advice = near
      ? `did you mean "${near}"?`
      : fitting.length > 0
      ? `it must be ${listWords(fitting.map((other) => other.name))}`
      : "there is no such stage";
    problems.add(at, `${cannot}: ${advice}`, true);
    return undefined;
  }
  const kind = target.definition?.kind;
  if (kind !== undefined && !from.includes(kind)) {
    problems.add(at, `${cannot}: it must be a stage of kind ${listWords(from)}, and is "${kind}"`);
    return undefined;
  }
  return name;
}

/** Kahn's algorithm; of the stages that are ready, the first in the file goes first. */
function sort(
  stages: readonly DeclaredStage[],
  needs: ReadonlyMap<string, Needs>,
  problems: ProblemList,
): string[] | undefined {
  const known = new Set(stages.map(({ name }) => name));
  const waiting = new Map(
    stages.map(({ name }) =>
      [name, new Set(allOf(needs.get(name)!).filter((need) => known.has(need)))] as const
    ),
  );
  const order: string[] = [];
  while (waiting.size > 0) {
    const ready = [...waiting].find(([, open]) => open.size === 0)?.[0];
    if (ready === undefined) {
      reportCycle(stages, waiting, problems);
      return undefined;
    }
    waiting.delete(ready);
    for (const open of waiting.values()) open.delete(ready);
    order.push(ready);
  }
  return order;
}

function reportCycle(
  stages: readonly DeclaredStage[],
  waiting: ReadonlyMap<string, ReadonlySet<string>>,
  problems: ProblemList,
): void {
  // Every stage that waits waits for another one that does: following them must come around.
  const path: string[] = [];
  let name = [...waiting.keys()][0];
  while (!path.includes(name)) {
    path.push(name);
    name = [...waiting.get(name)!][0];
  }
  const circle = path.slice(path.indexOf(name));
  const inFile = stages.filter((stage) => circle.includes(stage.name));
  const first = inFile[0];
  const start = circle.indexOf(first.name);
  const turned = [...circle.slice(start), ...circle.slice(0, start), first.name];
  const next = turned[1];
  const written = [...first.needs.values()].flatMap(({ stages }) => stages ?? [])
    .find(({ name }) => name === next);
  problems.add(
    written?.at ?? first.at,
    `Cannot order the stages: ${turned.map((step) => quoted(step)).join(" needs ")}`,
  );
}
