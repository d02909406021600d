import { dirname } from "node:path";
import { Interrupted, UserError } from "../../base/errors.ts";
import { random } from "../../base/random.ts";
import { tf } from "../../engine/tf.ts";
import { writeCheckpoint } from "../../vit/checkpoint.ts";
import type { HostTensor } from "../../vit/host_tensor.ts";
import { trainableNames } from "../../vit/parameters.ts";
import { Trainer } from "../../vit/trainer.ts";
import { parametersFile } from "../load-pretrained/files.ts";
import { type LoadedModel, loadModel } from "../model.ts";
import type { Artifact, StageContext } from "../stage.ts";
import { describeModel, formatCard } from "./card.ts";
import { type HistoryFile, MODEL } from "./files.ts";
import { openImages, type TrainingImages } from "./images.ts";
import { measure } from "./measure.ts";
import type { TrainParams } from "./mod.ts";
import { dropPlace, loadPlace, savePlace } from "./place.ts";
import { optimizerOf, scheduleOf } from "./settings.ts";

type Context = StageContext<TrainParams, "data" | "model" | "frozen">;
/** Steps that took longer than so many milliseconds are saved before the epoch is measured. */
const SAVE_BEFORE_MEASURING = 10_000;

type Epoch = HistoryFile["epochs"][number];

/** A kill loses at most so many milliseconds of work. */
const CHECKPOINT_EVERY = 120_000;

/** Fine-tunes, measures after each epoch, publishes the history and the model. */
export async function run(context: Context): Promise<void> {
  const { inputs, output } = context;
  await context.engine();
  const { images: opened, trainable } = await openImages(inputs);
  using images = opened;
  using model = await loadModel(inputs.model, images.dataset.classes);
  const names = trainable
    ? trainable.tensors.filter(({ status }) => status === "trainable").map(({ name }) => name)
    : trainableNames(model.vit.config);

  const training = new Training(context, model, images, names);
  const history = await training.run();

  await output.json("history.json", history);
  const weights = await model.vit.download();
  await writeCheckpoint(dirname(output.file(`${MODEL}/config.json`)), {
    config: model.configJson,
    preprocessor: model.preprocessorJson,
    weights,
    labels: model.classes,
    imageSize: model.vit.config.imageSize,
  });
  const card = describeModel({
    config: model.vit.config,
    parameters: [...weights.values()].reduce((sum, { data }) => sum + data.length, 0),
    head: await headOf(inputs.model),
    dataset: images.dataset,
    description: await textOf(inputs.data, "description.md"),
    training: {
      params: context.params,
      // A seed that nothing was drawn from is no part of the key, and so none of the result.
      seed: context.params.shuffle ? context.seed : undefined,
      history,
      trainable,
    },
  });
  await output.text(`${MODEL}/README.md`, formatCard(card));
}

/** Where the classifier came from; a stage of a user's own need not say. */
async function headOf(model: Artifact): Promise<"kept" | "new" | undefined> {
  if (!model.files.includes("parameters.json")) return undefined;
  return (await model.json("parameters.json", parametersFile)).head.source;
}

async function textOf(artifact: Artifact, name: string): Promise<string | undefined> {
  if (!artifact.files.includes(name)) return undefined;
  return await Deno.readTextFile(artifact.file(name));
}

/** One run through all epochs, which can stop and go on at any step. */
class Training {
  readonly #context: Context;
  readonly #model: LoadedModel;
  readonly #images: TrainingImages;
  readonly #trainer: Trainer;
  readonly #stepsPerEpoch: number;
  #place = { epoch: 0, step: 0, history: { steps: [], epochs: [] } as HistoryFile };
  #savedAt = performance.now();

  constructor(
    context: Context,
    model: LoadedModel,
    images: TrainingImages,
    trainable: readonly string[],
  ) {
    const { params } = context;
    this.#context = context;
    this.#model = model;
    this.#images = images;
    this.#stepsPerEpoch = Math.ceil(images.train.length / params.batch_size);
    this.#trainer = new Trainer(model.vit, {
      trainable,
      optimizer: optimizerOf(params),
      learningRate: params.optimizer.learning_rate,
      schedule: scheduleOf(params),
      totalSteps: this.#stepsPerEpoch * params.epochs,
      clipNorm: params.clip_norm,
      labelSmoothing: params.label_smoothing,
    });
  }

  async run(): Promise<HistoryFile> {
    const { params, report } = this.#context;
    await this.#resume();
    while (this.#place.epoch < params.epochs) {
      await this.#steps();
      // Measuring may take long, too.
      if (performance.now() - this.#savedAt > SAVE_BEFORE_MEASURING) await this.#save();
      const scores = await this.#measure();
      this.#place.history.epochs.push(scores);
      this.#place.epoch++;
      this.#place.step = 0;
      report.line(epochLine(scores, params.epochs));
      await this.#save();
    }
    return this.#place.history;
  }

  /** The steps of the epoch in hand, from where it stands. */
  async #steps(): Promise<void> {
    const { params, report, signal } = this.#context;
    const { epoch } = this.#place;
    const order = this.#images.train.slice();
    if (params.shuffle) random(this.#context.seed, `train epoch ${epoch}`).shuffle(order);
    while (this.#place.step < this.#stepsPerEpoch) {
      if (signal.aborted) {
        await this.#save();
        throw new Interrupted();
      }
      const at = this.#place.step * params.batch_size;
      const rows = order.subarray(at, at + params.batch_size);
      const input = await this.#images.read(rows);
      const result = this.#trainer.step(
        () => this.#images.classify(this.#model.vit, input),
        this.#model.toOwn(this.#images.labels(rows)),
      );
      input.dispose();
      this.#place.history.steps.push({
        step: epoch * this.#stepsPerEpoch + this.#place.step,
        learning_rate: result.learningRate,
        loss: result.loss,
        grad_norm: result.gradNorm,
      });
      this.#place.step++;
      report.progress(
        epoch * order.length + Math.min(at + params.batch_size, order.length),
        params.epochs * order.length,
        "images",
        `epoch ${
          epoch + 1
        }/${params.epochs}, step ${this.#place.step}/${this.#stepsPerEpoch}, loss ${
          result.loss.toFixed(3)
        }`,
      );
      if (performance.now() - this.#savedAt > CHECKPOINT_EVERY) await this.#save();
      // The engine blocks; a macrotask lets Ctrl-C through.
      await new Promise((resolve) => setTimeout(resolve));
    }
  }

  /** Both accuracies of the model as it now stands. */
  async #measure(): Promise<Epoch> {
    const { signal, report, params } = this.#context;
    const { train, validation } = this.#images;
    const { epoch } = this.#place;
    const total = train.length + validation.length;
    const on = async (rows: Int32Array, before: number) =>
      await measure(this.#model, this.#images, rows, signal, (done) => {
        report.progress(
          before + done,
          total,
          "images",
          `epoch ${epoch + 1}/${params.epochs}, measuring`,
        );
      });
    try {
      const trained = await on(train, 0);
      const validated = await on(validation, train.length);
      if (!Number.isFinite(trained!.loss) || !Number.isFinite(validated?.loss ?? 0)) {
        await this.#diverged();
      }
      return {
        epoch,
        train_loss: trained!.loss,
        train_accuracy: trained!.accuracy,
        validation_loss: validated?.loss ?? null,
        validation_accuracy: validated?.accuracy ?? null,
      };
    } catch (error) {
      // All steps of the epoch are done; only the measuring is to be done again.
      if (error instanceof Interrupted) await this.#save();
      throw error;
    }
  }

  /** The last steps of an epoch can spoil the weights without a loss of their own showing it. */
  async #diverged(): Promise<never> {
    const { checkpoint, params } = this.#context;
    await dropPlace(checkpoint);
    throw new UserError(
      `Cannot go on training: after epoch ${this.#place.epoch + 1} the loss is no finite number`,
      { hint: `Try a learning rate below ${params.optimizer.learning_rate}, or a longer warm-up` },
    );
  }

  async #resume(): Promise<void> {
    const { checkpoint, report } = this.#context;
    const saved = await loadPlace(checkpoint, await this.#context.engine(), report);
    if (!saved) return;
    this.#place = saved.place;
    this.#trainer.restore(saved.optimizer);
    for (const [name, { shape, data }] of saved.weights) {
      tf.tidy(() => this.#model.vit.tensor(name).assign(tf.tensor(data, shape)));
    }
    const { epoch, step } = saved.place;
    report.resumed(step > 0 ? `epoch ${epoch + 1}, step ${step}` : `epoch ${epoch + 1}`);
  }

  async #save(): Promise<void> {
    const weights = new Map<string, HostTensor>();
    for (const name of this.#trainer.options.trainable) {
      const variable = this.#model.vit.tensor(name);
      weights.set(name, { shape: [...variable.shape], data: await variable.data<"float32">() });
    }
    await savePlace(
      this.#context.checkpoint,
      this.#place,
      await this.#context.engine(),
      weights,
      await this.#trainer.state(),
    );
    this.#savedAt = performance.now();
  }
}

function epochLine(scores: Epoch, epochs: number): string {
  const part = (name: string, loss: number | null, accuracy: number | null) =>
    loss === null || accuracy === null
      ? `${name} none`
      : `${name} loss ${loss.toFixed(4)}, accuracy ${(100 * accuracy).toFixed(2)}%`;
  return `epoch ${scores.epoch + 1}/${epochs}: ${
    part("training", scores.train_loss, scores.train_accuracy)
  }; ${part("validation", scores.validation_loss, scores.validation_accuracy)}`;
}
