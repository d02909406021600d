import { formatDuration } from "../../base/duration.ts";
import { explainDifference } from "../../pipeline/explain.ts";
import { flatten } from "../report/appendix.ts";
import type { RunRecord } from "../../pipeline/schemas.ts";
import { formatLoss, formatShare } from "../results.ts";
import { NONE } from "../view/page/format.ts";
import {
  type Asked,
  differingParameters,
  type Row,
  stagesOfSome,
} from "../view/page/parameters.ts";
import { type ComparedRun, MEASURES } from "./read.ts";

/** What differs between runs, and what they came to. */
export interface Comparison {
  readonly runs: readonly ComparedRun[];
  readonly asked: readonly Asked[];
  /** Seeds and parameters that are not the same in all runs. */
  readonly parameters: readonly Row[];
  /** Stages that not all runs have. */
  readonly stages: readonly Row[];
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

/** Compares runs, in the order in which they come. */
export function compareRuns(runs: readonly ComparedRun[]): Comparison {
  const [first, ...rest] = runs;
  const labels = labelsOf(runs);
  const asked = runs.map(({ record }) => askedOf(record));
  return {
    ...{ runs, asked },
    parameters: differingParameters(asked),
    stages: stagesOfSome(asked),
    numbers: numberRows(runs),
    seconds: secondRows(runs),
    others: rest
      .map((run, i) => ({ name: labels[i + 1], sentences: otherDifferences(first, run) }))
      .filter(({ sentences }) => sentences.length > 0),
  };
}

/** What a run's `run.json` says that it was asked to do. */
export function askedOf({ seed, stages, parameters }: RunRecord): Asked {
  return {
    seed,
    stages: stages.map(({ name, kind }) => (
      { name, kind, parameters: flatten(parameters[name] ?? {}) }
    )),
  };
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
