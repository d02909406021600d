import { openSafetensors, writeSafetensors } from "../../base/safetensors.ts";
import { loadClassifier } from "../model.ts";
import { datasetFile, TEST } from "../preprocess/files.ts";
import type { Artifact, StageContext } from "../stage.ts";
import { openTestImages } from "../test_images.ts";
import { historyFile } from "../train/files.ts";
import { MISTAKES, PREDICTIONS, type TrainingFile } from "./files.ts";
import { metricsOf } from "./metrics.ts";
import type { EvaluateParams } from "./mod.ts";
import { measureRobustness } from "./robustness.ts";
import { scoreImages } from "./score_images.ts";
import { describeScored, describeTestImages } from "./scored.ts";

type Context = StageContext<EvaluateParams, "data" | "model">;

/** Runs the whole model on every test image and counts. */
export async function run(context: Context): Promise<void> {
  const { params, inputs, output, report, signal } = context;
  await context.engine();
  const dataset = await inputs.data.json("dataset.json", datasetFile);
  using model = await loadClassifier(inputs.model, dataset.classes);
  using images = await openTestImages(inputs.data, dataset, model.model);
  const { count } = images;
  const { logits, labels, loss } = await scoreImages(
    model,
    images,
    signal,
    (done) => report.progress(done, count, "images"),
  );

  const metrics = metricsOf(logits, labels, model.classes, loss, params.mistakes);
  await output.json("metrics.json", {
    model: await describeScored(inputs.model),
    test_images: describeTestImages(inputs.data, dataset),
    ...metrics,
  });
  await writeSafetensors(output.file(PREDICTIONS), {
    logits: { dtype: "F32", shape: [count, model.classes.length], data: logits },
    labels: { dtype: "I32", shape: [count], data: labels },
  });
  const training = await trainingOf(inputs.model);
  if (training) await output.json("training.json", training);
  if (params.perturb) {
    const robustness = await measureRobustness(params.perturb, model, images, context);
    await output.json("robustness.json", robustness);
  }
  await writeMistakes(context, metrics.mistakes.map(({ index }) => index));
  if (count > 0) {
    report.line(
      `test loss ${metrics.loss.toFixed(4)}, accuracy ${(100 * metrics.accuracy).toFixed(2)}% of ${
        count.toLocaleString("en-GB")
      } ${count === 1 ? "image" : "images"}`,
    );
  }
}

/** How the model was trained, where the stage that published it says so. */
async function trainingOf(model: Artifact): Promise<TrainingFile | undefined> {
  if (model.kind !== "train") return undefined;
  const { images, epochs, published_epoch } = await model.json("history.json", historyFile);
  if (images === undefined || epochs.length === 0) return undefined;
  return {
    images: { train: images.train, validation: images.validation },
    epochs: epochs.map(({ epoch, train_accuracy, validation_accuracy }) => ({
      images_seen: (epoch + 1) * images.train,
      train_accuracy,
      validation_accuracy,
    })),
    published_epoch: published_epoch ?? epochs.length - 1,
  };
}

/** Keeps the pictures that were taken for something else, for the figure of them. */
async function writeMistakes({ inputs, output }: Context, rows: number[]): Promise<void> {
  using test = await openSafetensors(inputs.data.file(TEST));
  const [, height, width] = test.info("images").shape;
  const data = test.rowsAtSync("images", rows);
  await writeSafetensors(output.file(MISTAKES), {
    images: { dtype: "U8", shape: [rows.length, height, width, 3], data },
  });
}
