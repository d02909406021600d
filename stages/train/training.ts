import { Interrupted, UserError } from "../../base/errors.ts";
import { tf } from "../../engine/tf.ts";
import type { HostTensor } from "../../vit/host_tensor.ts";
import { weightOf } from "../../vit/loss.ts";
import { Trainer } from "../../vit/trainer.ts";
import type { LoadedClassifier } from "../model.ts";
import type { StageContext } from "../stage.ts";
import { dropOthers, loadBest, saveBest } from "./best.ts";
import { classWeightsOf } from "./class_weights.ts";
import { epochLine, stopLine } from "./epoch_line.ts";
import type { HistoryFile } from "./files.ts";
import type { TrainingImages } from "./images.ts";
import { bestEpoch, hasRunDry } from "./keep.ts";
import { measure } from "./measure.ts";
import type { TrainParams } from "./params.ts";
import { dropPlace, loadPlace, savePlace } from "./place.ts";
import { optimizerOf, scheduleOf } from "./settings.ts";
import type { StepBatches } from "./step_batches.ts";

type Context = StageContext<TrainParams, "data" | "model" | "frozen">;
type Epoch = HistoryFile["epochs"][number];

/** Steps that took longer than so many milliseconds are saved before the epoch is measured. */
const SAVE_BEFORE_MEASURING = 10_000;

/** A kill loses at most so many milliseconds of work. */
const CHECKPOINT_EVERY = 120_000;

/** One run through all epochs, which can stop and go on at any step. */
export class Training implements Disposable {
  readonly #context: Context;
  readonly #model: LoadedClassifier;
  readonly #images: TrainingImages;
  readonly #trainer: Trainer;
  readonly #batches: StepBatches;
  #place = { epoch: 0, step: 0, history: { steps: [], epochs: [] } as HistoryFile };
  #savedAt = performance.now();

  /** @param trainable Names of the tensors that change. @throws {UserError} */
  constructor(
    context: Context,
    model: LoadedClassifier,
    images: TrainingImages,
    batches: StepBatches,
    trainable: readonly string[],
  ) {
    const { params } = context;
    this.#context = context;
    this.#model = model;
    this.#images = images;
    refuseWithoutValidation(params, images);
    this.#batches = batches;
    this.#trainer = new Trainer(model.model, {
      trainable,
      optimizer: optimizerOf(params),
      learningRate: params.optimizer.learning_rate,
      layerDecay: params.layer_decay,
      schedule: scheduleOf(params),
      totalSteps: this.#batches.steps * params.epochs,
      clipNorm: params.clip_norm,
      precision: params.precision,
      labelSmoothing: params.label_smoothing,
      classWeights: classWeightsOf(params, images.dataset, model.classes),
    });
  }

  /** Trains, and leaves the model as it is to be published. */
  async run(): Promise<HistoryFile> {
    const { params, report } = this.#context;
    await this.#resume();
    const { history } = this.#place;
    while (this.#place.epoch < params.epochs && !hasRunDry(history.epochs, params.patience)) {
      await this.#steps();
      // Measuring may take long, too.
      if (performance.now() - this.#savedAt > SAVE_BEFORE_MEASURING) await this.#save();
      const scores = await this.#measure();
      history.epochs.push(scores);
      this.#place.epoch++;
      this.#place.step = 0;
      report.line(epochLine(scores, params.epochs));
      await this.#saveEpoch();
    }
    if (history.epochs.length < params.epochs) report.line(stopLine(history.epochs));
    return await this.#keepBest(history);
  }

  /** Frees the optimizer's tensors. */
  [Symbol.dispose](): void {
    this.#trainer.dispose();
  }

  /** The steps of the epoch in hand, from where it stands. */
  async #steps(): Promise<void> {
    const { params, report } = this.#context;
    const { images, steps, stepImages } = this.#batches;
    const { epoch, history } = this.#place;
    while (this.#place.step < steps) {
      const result = await this.#step();
      history.steps.push({
        step: epoch * steps + this.#place.step,
        learning_rate: result.learningRate,
        loss: result.loss,
        grad_norm: result.gradNorm,
      });
      this.#place.step++;
      report.progress(
        epoch * images + Math.min(this.#place.step * stepImages, images),
        params.epochs * images,
        "images",
        `epoch ${epoch + 1}/${params.epochs}, step ${this.#place.step}/${steps}, loss ${
          result.loss.toFixed(3)
        }`,
      );
      if (performance.now() - this.#savedAt > CHECKPOINT_EVERY) await this.#save();
      // The engine blocks; a macrotask lets Ctrl-C through.
      await new Promise((resolve) => setTimeout(resolve));
    }
  }

  /** One step of the optimizer, of one batch or of several. */
  async #step() {
    const { signal } = this.#context;
    const batches = this.#batches.of(this.#place.epoch, this.#place.step);
    const { classWeights } = this.#trainer.options;
    const total = batches.reduce((sum, { targets }) => sum + weightOf(targets, classWeights), 0);
    for (const [i, batch] of batches.entries()) {
      if (i > 0) await new Promise((resolve) => setTimeout(resolve));
      if (signal.aborted) {
        this.#trainer.discard();
        await this.#save();
        throw new Interrupted();
      }
      const input = await batch.read();
      try {
        this.#trainer.add(() => batch.classify(input), batch.targets, total);
      } finally {
        input.dispose();
      }
    }
    return await this.#trainer.finish();
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
    const { checkpoint, report, params } = this.#context;
    const saved = await loadPlace(checkpoint, await this.#context.engine(), report);
    if (!saved) return;
    const { epoch, step, history: { epochs } } = saved.place;
    if (params.keep === "best" && epochs.length > 0) {
      if (await loadBest(checkpoint, bestEpoch(epochs)) === undefined) {
        report.warn("The best epoch's model is missing from the checkpoint; training starts over");
        return;
      }
    }
    this.#place = saved.place;
    this.#trainer.restore(saved.optimizer);
    this.#assign(saved.weights);
    report.resumed(step > 0 ? `epoch ${epoch + 1}, step ${step}` : `epoch ${epoch + 1}`);
  }

  /** Saves what an epoch came to, and its model too where it is the best so far. */
  async #saveEpoch(): Promise<void> {
    const { params: { keep }, checkpoint } = this.#context;
    const { epochs } = this.#place.history;
    const best = keep === "best" ? bestEpoch(epochs) : undefined;
    if (best === epochs.length - 1) await saveBest(checkpoint, best, await this.#weights());
    await this.#save();
    await dropOthers(checkpoint, best);
  }

  /** Goes back to the best epoch's model where that is wanted. */
  async #keepBest(history: HistoryFile): Promise<HistoryFile> {
    const { params: { keep }, checkpoint, report } = this.#context;
    if (keep !== "best" || history.epochs.length === 0) return history;
    const best = bestEpoch(history.epochs);
    const weights = await loadBest(checkpoint, best);
    if (weights === undefined) {
      throw new UserError("Cannot publish the best epoch's model: its checkpoint is gone", {
        hint: "Run it again: the training starts over",
      });
    }
    this.#assign(weights);
    report.line(`the model of epoch ${best + 1} is kept: the best validation accuracy`);
    return { ...history, published_epoch: best };
  }

  /** The trainable tensors as they now stand. */
  async #weights(): Promise<Map<string, HostTensor>> {
    const weights = new Map<string, HostTensor>();
    for (const name of this.#trainer.options.trainable) {
      const variable = this.#model.model.tensor(name);
      weights.set(name, { shape: [...variable.shape], data: await variable.data<"float32">() });
    }
    return weights;
  }

  #assign(weights: ReadonlyMap<string, HostTensor>): void {
    for (const [name, { shape, data }] of weights) {
      tf.tidy(() => this.#model.model.tensor(name).assign(tf.tensor(data, shape)));
    }
  }

  async #save(): Promise<void> {
    await savePlace(
      this.#context.checkpoint,
      this.#place,
      await this.#context.engine(),
      await this.#weights(),
      await this.#trainer.state(),
    );
    this.#savedAt = performance.now();
  }
}

function refuseWithoutValidation(
  { keep, patience }: TrainParams,
  { validation }: TrainingImages,
): void {
  if (validation.length > 0 || (keep === "last" && patience === null)) return;
  const what = keep === "best" ? "keep: best" : `patience: ${patience}`;
  throw new UserError(`Cannot use ${what} in train: there are no validation images`, {
    hint: "Write validation: 0.1 in preprocess",
  });
}
