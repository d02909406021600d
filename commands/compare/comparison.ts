import { formatDuration } from "../../base/duration.ts";
import { explainDifference } from "../../pipeline/explain.ts";
import { flatten } from "../report/appendix.ts";
import { formatLoss, formatShare } from "../results.ts";
import { type ComparedRun, MEASURES } from "./read.ts";

/** One thing of every run: a parameter, a number, the seconds of a stage. */
export interface Row {
  /** `train.epochs`, `test accuracy`, `train`. */
  readonly name: string;
  /** As text, in the order of the runs; "–" where a run has none. */
  readonly values: readonly string[];
}

/** What differs between runs, and what they came to. */
export interface Comparison {
  readonly runs: readonly ComparedRun[];
  /** Parameters, kinds and seeds that are not the same in all runs. */
  readonly parameters: readonly Row[];
  /** Every number that any run has. */
  readonly numbers: readonly Row[];
  /** How long each stage took when it was made, by whichever run made it. */
  readonly seconds: readonly Row[];
  /** What else differs from the first run, in words: code, packages, engine. */
  readonly others: readonly { readonly name: string; readonly sentences: readonly string[] }[];
}

/** The runs' names, without the sweep's where all are points of one. */
export function labelsOf(runs: readonly Pick<ComparedRun, "name">[]): string[] {
  const sweep = sweepOf(runs);
  return runs.map(({ name }) => sweep === undefined ? name : name.slice(sweep.length + 1));
}

/** The sweep that all runs are points of; undefined where there is none. */
export function sweepOf(runs: readonly Pick<ComparedRun, "name">[]): string | undefined {
  const [first, ...others] = runs.map(({ name }) => name.includes("/") ? name.split("/")[0] : "");
  return first !== "" && others.every((sweep) => sweep === first) ? first : undefined;
}

/** Stands where a run has no such thing. */
export const NONE = "–";

/** Compares runs, in the order in which they come. */
export function compareRuns(runs: readonly ComparedRun[]): Comparison {
  const [first, ...rest] = runs;
  const labels = labelsOf(runs);
  return {
    runs,
    parameters: differingParameters(runs.map(({ record }) => record)),
    numbers: numberRows(runs),
    seconds: secondRows(runs),
    others: rest
      .map((run, i) => ({ name: labels[i + 1], sentences: otherDifferences(first, run) }))
      .filter(({ sentences }) => sentences.length > 0),
  };
}

/** What a run was asked to do, as far as it can differ from what another was. */
export interface Asked {
  readonly seed: number;
  readonly stages: readonly { readonly name: string; readonly kind: string }[];
  readonly parameters: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Parameters, kinds and seeds that are not the same in all runs, in the order of the stages. */
export function differingParameters(runs: readonly Asked[]): Row[] {
  const perRun = runs.map((run) => {
    const values = new Map<string, string>([["seed", String(run.seed)]]);
    for (const { name, kind } of run.stages) {
      values.set(name, kind);
      for (const [path, text] of flatten(run.parameters[name] ?? {}, `${name}.`)) {
        values.set(path, text);
      }
    }
    return values;
  });
  const stages = [...new Set(runs.flatMap((run) => run.stages.map(({ name }) => name)))];
  const incomplete = new Set(
    stages.filter((stage) => perRun.some((values) => !values.has(stage))),
  );
  const paths = [...new Set(perRun.flatMap((values) => [...values.keys()]))]
    // Of a stage that a run does not have one line says all.
    .filter((path) =>
      ![...incomplete].some((stage) => path !== stage && path.startsWith(`${stage}.`))
    )
    .sort((a, b) => placeOf(a, stages) - placeOf(b, stages));
  return paths
    .map((path) => ({ name: path, values: perRun.map((values) => values.get(path) ?? NONE) }))
    .filter(({ values }) => new Set(values).size > 1);
}

/** The seed first, then stages in their order. */
function placeOf(path: string, stages: readonly string[]): number {
  return stages.findIndex((stage) => path === stage || path.startsWith(`${stage}.`));
}

function numberRows(runs: readonly ComparedRun[]): Row[] {
  return MEASURES
    .filter(({ name }) => runs.some(({ numbers }) => name in numbers))
    .map(({ name, unit }) => ({
      name,
      values: runs.map(({ numbers }) => {
        const value = numbers[name];
        if (value === undefined) return NONE;
        if (unit === "share") return formatShare(value);
        return unit === "nats" ? formatLoss(value) : String(value);
      }),
    }));
}

function secondRows(runs: readonly ComparedRun[]): Row[] {
  const stages = [...new Set(runs.flatMap(({ record }) => record.stages.map(({ name }) => name)))];
  return stages.map((name) => ({
    name,
    values: runs.map(({ artifacts }) => {
      const made = artifacts[name]?.made;
      return made === undefined ? NONE : formatDuration(made.seconds);
    }),
  }));
}

/** What differs apart from parameters, and from what follows of them. */
function otherDifferences(first: ComparedRun, run: ComparedRun): string[] {
  const stages = run.record.stages.map(({ name }) => name);
  const sentences = stages.flatMap((stage) => {
    const [before, after] = [first.artifacts[stage], run.artifacts[stage]];
    if (before === undefined || after === undefined) return [];
    const only = ({ record }: typeof before) => ({
      kind: after.kind,
      code: record.code,
      packages: record.packages,
    });
    return explainDifference(only(before), only(after), stage);
  });
  const [before, after] = [first.record.engine, run.record.engine];
  const other = before !== null && after !== null && before !== after;
  return [
    ...new Set(sentences),
    ...(other ? [`the engine was ${before} and is ${after}`] : []),
  ];
}
