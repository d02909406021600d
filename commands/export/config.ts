import { isAbsolute } from "node:path";
import { Document, isScalar, visit } from "yaml";
import { STAGES } from "../../stages/mod.ts";
import { lastPart } from "./model.ts";
import { type ExportedRun, inputsOf, manyInputsOf, type RunStage } from "./stages.ts";

/** A config that makes the same run again, and what is to be known of it. */
export interface SameConfig {
  /** YAML. */
  readonly text: string;
  /** Whether paths were cut to their last part: a published card tells nothing of a machine. */
  readonly cut: boolean;
  /** Stages of the user's own, which the config leaves out: where their code is, a run does not say. */
  readonly leftOut: readonly string[];
}

/** Writes a run's parameters, defaults filled in, as a config. */
export function sameConfig(run: ExportedRun): SameConfig {
  const own = run.stages.filter(({ kind }) => STAGES.some((stage) => stage.kind === kind));
  const stages = Object.fromEntries(own.map((stage) => {
    const needs = needsOf(stage, run);
    return [stage.name, {
      ...(stage.name === stage.kind ? {} : { uses: stage.kind }),
      ...(Object.keys(needs).length > 0 ? { needs } : {}),
      ...stage.parameters,
    }];
  }));
  let cut = false;
  const value = mapTexts({ seed: run.seed, stages }, (text) => {
    if (!isAbsolute(text)) return text;
    cut = true;
    return lastPart(text);
  });
  const leftOut = run.stages.filter((stage) => !own.includes(stage)).map(({ name }) => name);
  return { text: toYaml(value), cut, leftOut };
}

/** YAML with lists of plain values on one line. */
function toYaml(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Seq(_key, list) {
      if (list.items.every((item) => isScalar(item))) list.flow = true;
    },
  });
  return document.toString({ lineWidth: 0 });
}

/** As a config writes it. */
type Need = string | readonly string[] | null;

/** What must be written where the kinds alone would not find it, or would find what was left out. */
function needsOf(stage: RunStage, { stages }: ExportedRun): Record<string, Need> {
  const { inputs } = STAGES.find(({ kind }) => kind === stage.kind)!;
  const read = inputsOf(stage);
  const needs: Record<string, Need> = {};
  for (const [role, spec] of Object.entries(inputs)) {
    const from = typeof spec === "string" ? [spec] : spec.from;
    const could = stages.filter((other) => other !== stage && from.includes(other.kind));
    if (typeof spec !== "string" && spec.many) {
      const names = manyInputsOf(stage, role).map((content) =>
        could.find(({ record }) => record.content === content)?.name
      );
      const known = names.filter((name) => name !== undefined);
      if (known.length > 0) needs[role] = known;
      continue;
    }
    const content = read[role];
    if (content === undefined) {
      if (could.length > 0) needs[role] = null;
      continue;
    }
    const source = could.find(({ record }) => record.content === content);
    if (source === undefined) continue;
    const first = from.find((kind) => could.some((other) => other.kind === kind));
    const chosen = could.filter(({ kind }) => kind === first);
    if (chosen.length > 1 || chosen[0] !== source) needs[role] = source.name;
  }
  return needs;
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((part) => mapTexts(part, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, mapTexts(part, change)]),
  );
}
