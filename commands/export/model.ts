import { join } from "node:path";
import { UserError } from "../../base/errors.ts";
import { exists } from "../../base/exists.ts";
import { openSafetensors } from "../../base/safetensors.ts";
import { elementsOf } from "../../base/safetensors_header.ts";
import { WEIGHTS } from "../../base/weight_files.ts";
import { parseHubName } from "../../hub/name.ts";
import { projectOf } from "../../pipeline/config.ts";
import { type MetricsFile, metricsFile } from "../../stages/evaluate/files.ts";
import { trainableFile } from "../../stages/freeze/files.ts";
import { MODEL, parametersFile } from "../../stages/load-pretrained/files.ts";
import { probeFile } from "../../stages/linear-probe/files.ts";
import { NAMES } from "../../stages/new-model/params.ts";
import { datasetFile } from "../../stages/preprocess/files.ts";
import type { CardFacts, TrainingFacts } from "../../stages/train/card.ts";
import { historyFile } from "../../stages/train/files.ts";
import { drawsAtRandom, params as trainParams } from "../../stages/train/params.ts";
import { isBaselineJson } from "../../vit/baselines/config.ts";
import { parseModelConfig } from "../../vit/config.ts";
import {
  type ExportedRun,
  figuresOf,
  inputsOf,
  readFile,
  readText,
  type RunFigure,
  type RunStage,
} from "./stages.ts";

/** A run's model with all that the run knows of it. */
export interface RunModel {
  /** The stage that published it. */
  readonly stage: RunStage;
  readonly facts: CardFacts;
  /** Undefined where it was not scored on any test image. */
  readonly metrics?: MetricsFile;
  /** The pretrained model that it came from; undefined where nobody knows. */
  readonly base?: BaseModel;
  /** Whether the images are CIFAR-10's, and not those of a folder. */
  readonly cifar10: boolean;
  readonly figures: readonly RunFigure[];
}

/** Where a pretrained model came from. */
export type BaseModel = { readonly hub: string; readonly commit?: string } | {
  /** Last part of its folder's path: where else it lies is nobody's business. */
  readonly folder: string;
};

/** At most so many pictures of attention. */
const MOST_ATTENTION = 4;

/**
 * Reads what a run knows of its model: that of its last train stage, else of its last linear probe, or
 * of load-pretrained or new-model where it fits nothing. What belongs together is found by content, so
 * that a run with two of a kind mixes
 * nothing up.
 *
 * @throws {UserError} if it has no finished model.
 */
export async function readRunModel(run: ExportedRun): Promise<RunModel> {
  const stage = modelStage(run);
  const inputs = inputsOf(stage);
  const pretrained = stage.kind === "load-pretrained" ? stage : byContent(run, inputs.model);
  const data = byContent(run, inputs.data);
  const dataset = data && await readFile(data, "dataset.json", datasetFile);
  if (dataset === undefined) {
    throw new UserError(
      `Cannot write the card of "${run.name}": no stage of it has the images of "${stage.name}"`,
      { hint: `Run the config again: deno task run ${run.config}` },
    );
  }
  const config = JSON.parse(await readText(stage, `${MODEL}/config.json`) ?? "null");
  if (isBaselineJson(config)) {
    throw new UserError(
      `Cannot export "${run.name}": the model of "${stage.name}" is ${
        NAMES[config.model_type as keyof typeof NAMES]
      }, which ` +
        "transformers has no class for",
      { hint: `Its files are in ${join(stage.folder, MODEL)}` },
    );
  }
  const about = pretrained && await readFile(pretrained, "parameters.json", parametersFile);
  const measured = scoredBy(run, "evaluate", stage);
  const metrics = measured && await readFile(measured, "metrics.json", metricsFile);
  return {
    stage,
    facts: {
      config: parseModelConfig(config, join(stage.folder, MODEL, "config.json")),
      parameters: await parametersIn(stage),
      head: about?.head.source,
      initial: about?.initial,
      dataset,
      description: await readText(data!, "description.md"),
      training: stage.kind === "train" ? await readTraining(run, stage) : undefined,
      probe: stage.kind === "linear-probe"
        ? await readFile(stage, "probe.json", probeFile)
        : undefined,
    },
    metrics: metrics && metrics.images > 0 ? metrics : undefined,
    base: pretrained && baseOf(run, pretrained),
    cifar10: data!.parameters.dataset === "cifar10",
    figures: await chooseFigures(stage, measured, scoredBy(run, "visualize", stage)),
  };
}

function modelStage({ name, config, stages, unfinished }: ExportedRun): RunStage {
  for (const kind of ["train", "linear-probe", "load-pretrained", "new-model"]) {
    const done = stages.findLast((stage) => stage.kind === kind);
    const open = unfinished.findLast((stage) => stage.kind === kind);
    if (open !== undefined) {
      throw new UserError(
        `Cannot export "${name}": its stage "${open.name}" has no finished model (${open.status})`,
        { hint: `Finish it first: deno task run ${config}` },
      );
    }
    if (done !== undefined && `${MODEL}/${WEIGHTS}` in done.record.files) return done;
  }
  throw new UserError(`Cannot export "${name}": none of its stages makes a model`);
}

function byContent({ stages }: ExportedRun, content: string | undefined): RunStage | undefined {
  return stages.find(({ record }) => record.content === content);
}

/** The last stage of a kind that read this very model. */
function scoredBy(
  { stages }: ExportedRun,
  kind: string,
  { record }: RunStage,
): RunStage | undefined {
  return stages.findLast((stage) =>
    stage.kind === kind && inputsOf(stage).model === record.content
  );
}

async function readTraining(run: ExportedRun, stage: RunStage): Promise<TrainingFacts> {
  const params = trainParams.safeParse(stage.parameters);
  const history = await readFile(stage, "history.json", historyFile);
  if (!params.success || history === undefined) {
    throw new UserError(
      `Cannot write the card of "${run.name}": its stage "${stage.name}" is of another version`,
      { hint: `Run the config again: deno task run ${run.config}` },
    );
  }
  const freeze = byContent(run, inputsOf(stage).frozen);
  return {
    params: params.data,
    seed: drawsAtRandom(params.data) ? run.seed : undefined,
    history,
    trainable: freeze && await readFile(freeze, "trainable.json", trainableFile),
  };
}

async function parametersIn(stage: RunStage): Promise<number> {
  using file = await openSafetensors(join(stage.folder, MODEL, WEIGHTS));
  return file.names.reduce((sum, name) => sum + elementsOf(file.info(name).shape)!, 0);
}

/**
 * Where the config's name led. `artifact.json` says it of the run that made the artifact; where that
 * was another, whose model had the same bytes, it is found out as load-pretrained does.
 */
function baseOf({ folder }: ExportedRun, { parameters, record }: RunStage): BaseModel | undefined {
  const { model } = parameters;
  if (typeof model !== "string") return undefined;
  const id = parseHubName(model)?.id;
  const made = String(record.made.model);
  if (id === undefined) return { folder: lastPart(model) };
  if (made.startsWith(`${id}@`)) return { hub: id, commit: made.slice(id.length + 1) };
  const project = projectOf(join(folder, "run.json"));
  const owner = model.slice(0, model.indexOf("/"));
  const local = exists(join(project, model)) ||
    (!model.includes("@") && exists(join(project, owner)));
  return local || made.endsWith(`/${model}`) ? { folder: lastPart(model) } : { hub: id };
}

/** `pets` of `/home/ada/pets/`. */
export function lastPart(path: string): string {
  return path.split(/[\\/]/).findLast((part) => part !== "") ?? path;
}

async function chooseFigures(
  model: RunStage,
  evaluate: RunStage | undefined,
  visualize: RunStage | undefined,
): Promise<RunFigure[]> {
  const of = async (stage: RunStage | undefined, pattern: RegExp) =>
    (stage ? await figuresOf(stage) : []).filter(({ name }) => pattern.test(name));
  return [
    ...await of(model, /^learning-curves$/),
    ...await of(evaluate, /^confusion-matrix$/),
    ...(await of(visualize, /^attention-\d+$/)).slice(0, MOST_ATTENTION),
  ];
}
