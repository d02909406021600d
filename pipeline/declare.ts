import { isAbsolute, resolve } from "node:path";
import { messageOf, UserError } from "../base/errors.ts";
import { quoted, shownPath } from "../base/printable.ts";
import type { StageDefinition } from "../stages/stage.ts";
import { PLAIN_NAME, PLAIN_NAME_RULE, reservedSchema } from "./config_schema.ts";
import type { Place, ProblemList } from "./problems.ts";
import { withoutNulls } from "./nulls.ts";
import { checkValue } from "./repair.ts";
import { explainIssues } from "./sentences.ts";
import { isStageKind, STAGE_KIND_RULE } from "./store_names.ts";
import { listWords, nearest } from "./suggest.ts";
import { type MapTree, type Tree, valueOf, without } from "./tree.ts";
import type { Registry } from "./types.ts";

/** The keys that every stage has beside its parameters. */
export const RESERVED = ["uses", "needs"] as const;
/** Words that mean something else where a stage's name could stand: in `--set`, in a run's folder. */
const TAKEN = [
  ...["seed", "name"],
  ...["run.json", "sweep.json", "events.jsonl", "report.html", "report.md"],
];

/** What a config says of one input. */
export interface WrittenNeed {
  /** Place of the role. */
  readonly key: Place;
  readonly at: Place;
  /** Null: none. */
  readonly stages: readonly { readonly at: Place; readonly name: string }[] | null;
  /** Whether it is a list. */
  readonly list: boolean;
}

/** A stage as it is written in the config. */
export interface DeclaredStage {
  readonly name: string;
  /** Place of its name. */
  readonly at: Place;
  readonly tree: MapTree;
  /** Undefined where its kind is not known; that was reported. */
  readonly definition?: StageDefinition;
  readonly module?: string;
  /** The kind that an unknown word was probably meant for. */
  readonly meant?: string;
  /** Role to the names that are written for it. */
  readonly needs: ReadonlyMap<string, WrittenNeed>;
  /** Undefined where they do not fit the stage's schema; that was reported. */
  readonly params?: Record<string, unknown>;
  /** The parameters with mistakes mended: enough for what other stages want to know of it. */
  readonly mended?: Record<string, unknown>;
}

/** Reads the stages of a config and checks each against its own schema. */
export async function declareStages(
  stages: MapTree,
  project: string,
  registry: Registry,
  problems: ProblemList,
): Promise<DeclaredStage[]> {
  const declared: DeclaredStage[] = [];
  for (const [name, entry] of stages.entries) {
    checkName(name, entry.key, declared, problems);
    declared.push(await declareStage(name, entry.key, entry.value, project, registry, problems));
  }
  return declared;
}

function checkName(
  name: string,
  at: Place,
  others: readonly DeclaredStage[],
  problems: ProblemList,
): void {
  const cannot = `Cannot name a stage ${quoted(name)}`;
  const twin = others.find((other) => other.name.toLowerCase() === name.toLowerCase());
  if (!PLAIN_NAME.test(name)) problems.add(at, `${cannot}: ${PLAIN_NAME_RULE}`);
  else if (TAKEN.includes(name.toLowerCase())) problems.add(at, `${cannot}: the word is taken`);
  else if (twin) {
    problems.add(at, `${cannot}: "${twin.name}" would be the same folder on some disks`);
  }
}

async function declareStage(
  name: string,
  at: Place,
  written: Tree,
  project: string,
  registry: Registry,
  problems: ProblemList,
): Promise<DeclaredStage> {
  const tree = stageMap(name, written, problems);
  const reserved = checkReserved(name, at, tree, problems);
  const found = await findKind(name, at, tree, reserved.uses, project, registry, problems);
  // The parameters of a misspelt kind are checked as those of the kind that was meant.
  const meant = found.meant === undefined ? undefined : await registry.load(found.meant);
  const kind = found.definition ?? meant?.definition;
  if (kind === undefined) return { name, at, tree, ...found, needs: reserved.needs };
  const checked = checkValue({
    schema: kind.params,
    tree: withoutNulls(kind.params, without(tree, RESERVED)),
    name,
    owner: at,
    alsoKeys: RESERVED,
  });
  problems.addAll(checked.problems);
  const { value: params, mended } = checked;
  return { name, at, tree, ...found, needs: reserved.needs, params, mended };
}

/** The map of a stage; nothing at all is an empty one. */
function stageMap(name: string, written: Tree, problems: ProblemList): MapTree {
  if (written.type === "map") return written;
  if (written.type !== "scalar" || written.value !== null) {
    const message = `Cannot use ${written.type === "list" ? "a list" : quoted(valueOf(written))} ` +
      `for ${quoted(name)} in "stages": it must be a map of parameters`;
    problems.add(written.at, message);
  }
  return { type: "map", entries: new Map(), at: written.at };
}

function checkReserved(name: string, at: Place, tree: MapTree, problems: ProblemList) {
  const others = [...tree.entries.keys()].filter((key) => key !== "uses" && key !== "needs");
  const own = without(tree, others);
  const parsed = reservedSchema.safeParse(valueOf(own));
  if (!parsed.success) {
    const checked = { schema: reservedSchema, tree: own, name, owner: at };
    problems.addAll(explainIssues(parsed.error.issues, checked));
  }
  const uses = own.entries.get("uses")?.value;
  const needs = own.entries.get("needs")?.value;
  const roles = needs?.type === "map" ? [...needs.entries] : [];
  return {
    uses: uses?.type === "scalar" && typeof uses.value === "string" && uses.value !== ""
      ? { word: uses.value, at: uses.at }
      : undefined,
    needs: new Map(roles.flatMap(([role, { key, value }]) => {
      const written = namesOf(value);
      return written === undefined ? [] : [[role, { key, at: value.at, ...written }] as const];
    })),
  };
}

/** The names that stand for an input; undefined of what is no name: that was reported. */
function namesOf(value: Tree): Pick<WrittenNeed, "stages" | "list"> | undefined {
  if (value.type === "map") return undefined;
  if (value.type === "scalar" && value.value === null) return { stages: null, list: false };
  const list = value.type === "list";
  const stages = (list ? value.items : [value]).flatMap((item) =>
    item.type === "scalar" && typeof item.value === "string"
      ? [{ at: item.at, name: item.value }]
      : []
  );
  return list || stages.length > 0 ? { stages, list } : undefined;
}

async function findKind(
  name: string,
  at: Place,
  tree: MapTree,
  uses: { word: string; at: Place } | undefined,
  project: string,
  registry: Registry,
  problems: ProblemList,
): Promise<{ definition?: StageDefinition; module?: string; meant?: string }> {
  if (tree.entries.has("uses") && uses === undefined) return {};
  const word = uses?.word ?? name;
  const isModule = uses !== undefined && /[/\\]|\.[cm]?[jt]s$/.test(word);
  const path = isAbsolute(word) ? word : resolve(project, word);
  try {
    if (isModule && !(await Deno.stat(path)).isFile) throw new Deno.errors.NotFound();
    const found = await registry.load(isModule ? path : word);
    if (found !== undefined) {
      const { kind } = found.definition;
      if (isStageKind(kind)) return found;
      throw new UserError(`its kind is ${quoted(kind)}, and ${STAGE_KIND_RULE}`);
    }
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound
      ? `there is no file ${shownPath(path)}`
      : messageOf(error).split("\n")[0].replace(/ \(os error \d+\).*/, "");
    problems.add(
      uses?.at ?? at,
      `Cannot use ${quoted(word)} for "uses" in ${quoted(name)}: ${reason}`,
    );
    return {};
  }
  const meant = nearest(word, registry.kinds);
  const advice = meant
    ? `did you mean "${meant}"?`
    : `there are ${listWords(registry.kinds, "and")}`;
  const message = uses
    ? `Cannot use ${quoted(word)} for "uses" in ${quoted(name)}: ${advice}`
    : `Cannot find a kind of stage ${quoted(name)}: ${advice}`;
  problems.add(uses?.at ?? at, meant || uses ? message : `${message}; "uses" says which it is`);
  return { meant };
}
