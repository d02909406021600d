import { dirname } from "node:path";
import { Interrupted, UserError } from "../../base/errors.ts";
import { writeCheckpoint } from "../../vit/checkpoint.ts";
import type { HostTensor } from "../../vit/host_tensor.ts";
import { score } from "../../vit/loss.ts";
import type { VisionTransformer } from "../../vit/model.ts";
import { CLASSIFIERS } from "../../vit/parameters.ts";
import {
  fitSoftmaxRegression,
  type LinearClassifier,
  logitsOf,
} from "../../vit/softmax_regression.ts";
import { MODEL } from "../load-pretrained/files.ts";
import { loadModel } from "../model.ts";
import type { StageContext } from "../stage.ts";
import { openImages } from "../train/images.ts";
import { describeProbe } from "./describe.ts";
import type { ProbeFile } from "./files.ts";
import type { LinearProbeParams } from "./mod.ts";
import { represent, widthOf } from "./represent.ts";

type Context = StageContext<LinearProbeParams, "data" | "model" | "frozen">;

/** Fits the classifier and publishes it in the place of the model's head. */
export async function run(context: Context): Promise<void> {
  const { inputs, params, output, report, signal } = context;
  await context.engine();
  const { images: opened, trainable } = await openImages(inputs);
  using images = opened;
  using model = await loadModel(inputs.model, images.dataset.classes);
  const { train, validation } = images;
  const total = train.length + validation.length;
  const features = async (rows: Int32Array, before: number) => ({
    features: await represent(
      images,
      rows,
      model.vit,
      trainable?.features?.blocks,
      context,
      (done) => report.progress(before + done, total, "images"),
    ),
    width: widthOf(model.vit),
  });
  const labels = (rows: Int32Array) => model.toOwn(images.labels(rows));
  const known = {
    ...await features(train, 0),
    labels: labels(train),
    classes: model.classes.length,
  };
  const held = await features(validation, train.length);

  const fitted = await fitSoftmaxRegression(known, params.l2, {
    ...params,
    async onIteration(iteration, gradient) {
      report.progress(
        iteration,
        params.iterations,
        "steps",
        `gradient ${gradient.toExponential(1)}`,
      );
      // Arithmetic blocks; a macrotask lets Ctrl-C through.
      await new Promise((resolve) => setTimeout(resolve));
      if (signal.aborted) throw new Interrupted();
    },
  });
  const { search } = fitted;
  if (!Number.isFinite(search.value)) {
    throw new UserError(
      "Cannot fit the classifier: what the model makes of the images is not finite",
    );
  }
  if (!search.converged) {
    report.warn(
      `The search has not converged: after ${search.iterations} steps a component of the gradient ` +
        `is ${search.largestGradient.toExponential(1)}; raise iterations, l2 or tolerance`,
    );
  }
  const trained = scoreOf(fitted, known, labels(train));
  const validated = validation.length > 0 && scoreOf(fitted, held, labels(validation));
  const file: ProbeFile = {
    images: { train: train.length, validation: validation.length },
    features: known.width,
    l2: params.l2,
    iterations: search.iterations,
    converged: search.converged,
    largest_gradient: search.largestGradient,
    objective: search.value,
    train_loss: trained.loss,
    train_accuracy: trained.accuracy,
    validation_loss: validated ? validated.loss : null,
    validation_accuracy: validated ? validated.accuracy : null,
  };
  const { summary, page } = describeProbe(file);
  report.line(summary);
  await output.json("probe.json", file);
  await output.text("linear-probe.md", page);
  await writeCheckpoint(dirname(output.file(`${MODEL}/config.json`)), {
    config: model.configJson,
    preprocessor: model.preprocessorJson,
    weights: new Map([...await model.vit.download(), ...headOf(fitted, model.vit)]),
    labels: model.classes,
    imageSize: model.vit.config.imageSize,
  });
}

function scoreOf(
  classifier: LinearClassifier,
  examples: { readonly features: Float32Array; readonly width: number },
  labels: Int32Array,
): { loss: number; accuracy: number } {
  const { loss, correct, images } = score(logitsOf(classifier, examples), labels);
  return { loss: loss / images, accuracy: correct / images };
}

/**
 * The classifier as the tensors of the model's head. Where the head is the mean of two, each gets
 * twice the weights of the token that it reads.
 */
function headOf(
  { weight, bias }: LinearClassifier,
  { config }: VisionTransformer,
): Map<string, HostTensor> {
  const names = CLASSIFIERS[config.reads];
  const classes = bias.length;
  const width = weight.length / classes;
  const own = width / names.length;
  return new Map(names.flatMap((name, i): [string, HostTensor][] => {
    const data = new Float32Array(classes * own);
    for (let c = 0; c < classes; c++) {
      for (let f = 0; f < own; f++) {
        data[c * own + f] = names.length * weight[c * width + i * own + f];
      }
    }
    return [
      [`${name}.weight`, { shape: [classes, own], data }],
      [`${name}.bias`, { shape: [classes], data: Float32Array.from(bias) }],
    ];
  }));
}
