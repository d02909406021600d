import type { Finding } from "../../../stages/stage.ts";
import type { Block, Fact } from "../document.ts";
import type { RunView, StageView } from "../read.ts";

/** A part of the report: what the exercise asks there, and what the run answers. */
export interface Chapter {
  /** Anchor: lower case, hyphens. */
  readonly id: string;
  readonly title: string;
  /** What is asked. */
  readonly question: string;
  /** Kinds of the stages that it is about. One that has published nothing is told of here. */
  readonly kinds: readonly string[];
  /** The answer; nothing where the run has none. */
  tell(stage: StageView, run: RunView): Block[];
}

/** Those figures of a stage that `which` chooses, in their order. */
export function figuresOf(
  stage: StageView,
  which: (name: string) => boolean = () => true,
): Block[] {
  return stage.figures.filter(({ name }) => which(name))
    .map((figure): Block => ({ type: "figure", stage: stage.name, figure }));
}

/** What a stage's data show. */
export function findingsOf(
  stage: StageView,
  which: (finding: Finding) => boolean = () => true,
): Block[] {
  const items = stage.findings.filter(which);
  return items.length === 0 ? [] : [
    { type: "heading", text: "What this shows" },
    { type: "findings", stage: stage.name, items },
  ];
}

/** Texts that a stage wrote itself. */
export function textsOf(
  stage: StageView,
  which: (name: string) => boolean = () => true,
): Block[] {
  return Object.entries(stage.markdown).filter(([name]) => which(name))
    .map(([, source]): Block => ({ type: "markdown", stage: stage.name, source }));
}

/** The files that a part rests on. */
export function filesOf(stage: StageView, ...names: readonly string[]): Block[] {
  const there = names.filter((name) => stage.artifact?.files[name] !== undefined);
  return there.length === 0
    ? []
    : [{ type: "files", paths: there.map((name) => `${stage.name}/${name}`) }];
}

/** Names and values, all from one file of a stage. */
export function facts(
  stage: StageView,
  file: string,
  items: readonly (readonly [name: string, value: string])[],
): Block {
  const source = `${stage.name}/${file}`;
  return { type: "facts", items: items.map(([name, value]): Fact => [name, value, source]) };
}

/** The first items, and how many more there are. */
export function listed(items: readonly string[], most: number): string {
  if (items.length <= most) return items.join(", ");
  return `${items.slice(0, most - 2).join(", ")} and ${items.length - most + 2} more`;
}

/** Four significant digits. */
export const short = (x: number) => String(Number(x.toPrecision(4)));
