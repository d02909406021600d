import { dirname } from "node:path";
import { writeCheckpoint } from "../../vit/checkpoint.ts";
import { newParametersFile } from "../new-model/files.ts";
import { loadClassifier } from "../model.ts";
import type { Artifact, StageContext } from "../stage.ts";
import { type CardFacts, describeModel, formatCard } from "./card.ts";
import { type HistoryFile, MODEL } from "./files.ts";
import { openImages } from "./images.ts";
import { drawsAtRandom, type TrainParams } from "./params.ts";
import { StepBatches } from "./step_batches.ts";
import { Training } from "./training.ts";
import { AugmentedViews } from "./views.ts";

type Context = StageContext<TrainParams, "data" | "model" | "frozen">;

/** Fine-tunes, measures after each epoch, publishes the history and the model. */
export async function run(context: Context): Promise<void> {
  const { inputs, output, params, report } = context;
  await context.engine();
  const { images: opened, trainable } = await openImages(inputs);
  using images = opened;
  using model = await loadClassifier(inputs.model, images.dataset.classes);
  const names = trainable
    ? trainable.tensors.filter(({ status }) => status === "trainable").map(({ name }) => name)
    : model.model.learnable;

  using views = await AugmentedViews.open(inputs.data, images.dataset, context);
  if (views && trainable?.features) {
    report.line(
      "augmented images go through the frozen part in each step: its stored activations are for measuring",
    );
  }
  const batches = new StepBatches(images, views, model, context);
  using training = new Training(context, model, images, batches, names);
  const history: HistoryFile = {
    ...await training.run(),
    images: {
      train: images.train.length,
      validation: images.validation.length,
      step: batches.stepImages,
    },
  };
  await output.json("history.json", history);
  const weights = await model.model.download();
  await writeCheckpoint(dirname(output.file(`${MODEL}/config.json`)), {
    config: model.configJson,
    preprocessor: model.preprocessorJson,
    weights,
    labels: model.classes,
    imageSize: model.model.config.imageSize,
  });
  const card = describeModel({
    config: model.model.config,
    parameters: [...weights.values()].reduce((sum, { data }) => sum + data.length, 0),
    ...await originOf(inputs.model),
    dataset: images.dataset,
    description: await textOf(inputs.data, "description.md"),
    training: {
      params,
      // A seed that nothing was drawn from is no part of the key, and so none of the result.
      seed: drawsAtRandom(params) ? context.seed : undefined,
      history,
      trainable,
    },
  });
  await output.text(`${MODEL}/README.md`, formatCard(card));
}

/** Where the weights came from; a stage of a user's own need not say. */
async function originOf(model: Artifact): Promise<Pick<CardFacts, "head" | "initial">> {
  if (!model.files.includes("parameters.json")) return {};
  const { head, initial } = await model.json("parameters.json", newParametersFile);
  return { head: head.source, initial };
}

async function textOf(artifact: Artifact, name: string): Promise<string | undefined> {
  if (!artifact.files.includes(name)) return undefined;
  return await Deno.readTextFile(artifact.file(name));
}
