import { NONE } from "./format.ts";

/** What a run was asked to do, as far as it can differ from what another was. */
export interface Asked {
  /** Null where it is not known. */
  readonly seed: number | null;
  readonly stages: readonly AskedStage[];
}

/** A stage of a run. */
export interface AskedStage {
  readonly name: string;
  readonly kind: string;
  /** Dotted path within the stage, and value. */
  readonly parameters: readonly (readonly [path: string, value: string])[];
}

/** One thing of every run. */
export interface Row {
  /** `train.epochs`, `test accuracy`, `train`. */
  readonly name: string;
  /** As text, in the order of the runs; "–" where a run has none. */
  readonly values: readonly string[];
}

/**
 * Seeds and parameters that are not the same in all runs, in the order of the stages; a stage's kind
 * counts as its parameter `uses`. Parameters are compared between the runs that have their stage: what
 * a stage that a run lacks is set to says nothing of that run.
 */
export function differingParameters(runs: readonly Asked[]): Row[] {
  const seeds = runs.map(({ seed }) => seed === null ? NONE : String(seed));
  return [
    ...(new Set(seeds).size > 1 ? [{ name: "seed", values: seeds }] : []),
    ...stageNames(runs).flatMap((stage) => {
      const ofRuns = runs.map((run) => parametersOf(run, stage));
      const having = ofRuns.filter((values) => values !== undefined);
      const paths = [...new Set(having.flatMap((values) => [...values.keys()]))];
      return paths
        .filter((path) => new Set(having.map((values) => values.get(path))).size > 1)
        .map((path) => ({
          name: `${stage}.${path}`,
          values: ofRuns.map((values) => values?.get(path) ?? NONE),
        }));
    }),
  ];
}

/** Stages that some runs have and others lack: "yes", or "–". */
export function stagesOfSome(runs: readonly Asked[]): Row[] {
  return stageNames(runs)
    .map((name) => ({
      name,
      values: runs.map(({ stages }) => stages.some((stage) => stage.name === name) ? "yes" : NONE),
    }))
    .filter(({ values }) => values.includes(NONE));
}

/** What to say where no parameter differs. */
export function sayAlike(runs: readonly Asked[]): string {
  const some = stagesOfSome(runs).length;
  if (some === 0) return "Their parameters are the same.";
  return some === stageNames(runs).length
    ? "There is no stage that all of them have."
    : "The parameters of the stages that they share are the same.";
}

function stageNames(runs: readonly Asked[]): string[] {
  return [...new Set(runs.flatMap(({ stages }) => stages.map(({ name }) => name)))];
}

function parametersOf({ stages }: Asked, name: string): Map<string, string> | undefined {
  const stage = stages.find((one) => one.name === name);
  return stage && new Map([["uses", stage.kind], ...stage.parameters]);
}
