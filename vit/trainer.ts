import { UserError } from "../base/errors.ts";
import { hasRawOps } from "../engine/raw.ts";
import { tf } from "../engine/tf.ts";
import { valuesOf } from "../engine/values.ts";
import type { Classifier } from "./classifier.ts";
import type { HostTensor } from "./host_tensor.ts";
import { rateScales } from "./layer_decay.ts";
import { crossEntropy, type Targets } from "./loss.ts";
import { LossScale } from "./loss_scale.ts";
import { inPrecision, type Precision } from "./ops/low_precision.ts";
import { type OptimizerSettings, SLOTS, update } from "./optimizer.ts";
import { learningRateAt, type Schedule } from "./schedule.ts";

/** How to train. */
export interface TrainerOptions {
  /** Names of the tensors that change; all others stay as they are. */
  readonly trainable: readonly string[];
  readonly optimizer: OptimizerSettings;
  /** Peak learning rate. */
  readonly learningRate: number;
  readonly schedule: Schedule;
  /** Steps of the whole training, which the schedule is laid out over. */
  readonly totalSteps: number;
  /** Largest norm of all gradients together; null: as they are. */
  readonly clipNorm: number | null;
  /** Share of the target that all classes get alike. */
  readonly labelSmoothing: number;
  /** How much each of the model's classes counts, in the order of its logits; missing: all alike. */
  readonly classWeights?: readonly number[];
  /** Factor from layer to layer, downwards, of the rates ({@linkcode rateScales}); missing: 1. */
  readonly layerDecay?: number;
  /** Of the matrix products, forward and backward ({@linkcode inPrecision}); missing: float32. */
  readonly precision?: Precision;
}

/** What a step did. */
export interface StepResult {
  /** Objective before the step, nats. */
  readonly loss: number;
  /**
   * Norm of all gradients together, before clipping. 0 where float16 could not hold them: nothing was
   * changed then ({@linkcode LossScale}).
   */
  readonly gradNorm: number;
  /** Of the head, where rates fall from layer to layer. */
  readonly learningRate: number;
}

/** Loss and gradients so far of the step in hand. */
interface Sum {
  readonly loss: tf.Tensor;
  readonly gradients: readonly tf.Tensor[];
}

/** Trains part of a model, step by step, and can be saved between steps. */
export class Trainer<Model extends Classifier = Classifier> {
  readonly model: Model;
  readonly options: TrainerOptions;
  /** The optimizer's own tensors, by trainable tensor. */
  readonly #slots: Map<string, tf.Tensor[]>;
  /** What the rate of each trainable tensor is multiplied by. */
  readonly #rateScales: ReadonlyMap<string, number>;
  /** With float16. */
  readonly #lossScale: LossScale | undefined;
  #stepsDone = 0;
  #sum: Sum | undefined;

  /** @throws {RangeError} if nothing is trainable, or a name is not one of the model's. */
  constructor(model: Model, options: TrainerOptions) {
    if (options.trainable.length === 0) throw new RangeError("Cannot train: nothing is trainable");
    const { precision = "float32" } = options;
    if (precision !== "float32" && !hasRawOps()) {
      throw new UserError(`Cannot train in ${precision} on the engine ${tf.getBackend()}`, {
        hint: "Set precision: float32 in train, or use --engine tensorflow.",
      });
    }
    if (precision === "float16") this.#lossScale = new LossScale();
    this.model = model;
    this.options = options;
    model.trainable = new Set(options.trainable);
    this.#rateScales = rateScales(model, options);
    this.#slots = new Map(options.trainable.map((name) => {
      const { shape } = model.tensor(name);
      return [name, SLOTS[options.optimizer.name].map(() => tf.zeros(shape))];
    }));
  }

  /** Steps done. */
  get stepsDone(): number {
    return this.#stepsDone;
  }

  /**
   * Computes the loss and its gradients and changes the trainable tensors: {@linkcode Trainer.add}
   * and {@linkcode Trainer.finish} for a step of one batch.
   *
   * @param forward Computes logits `[B, classes]`.
   * @param labels `[B]`, class indices.
   */
  async step(forward: () => tf.Tensor2D, labels: Int32Array): Promise<StepResult> {
    this.add(forward, { labels });
    return await this.finish();
  }

  /**
   * Adds a batch's loss and gradients to those of the step in hand. What `forward` does below the
   * lowest trainable tensor is recorded for nothing: it is better done before, outside.
   *
   * @param forward Computes logits `[B, classes]`.
   * @param total Weight of all batches of the step (`weightOf` in loss.ts), which makes their sum the
   * mean over all its images; missing: this batch is the whole step.
   * @throws {RangeError} if the logits do not depend on a trainable tensor.
   */
  add(forward: () => tf.Tensor2D, targets: Targets, total?: number): void {
    const { trainable, labelSmoothing: smoothing, classWeights, precision } = this.options;
    const lossScale = this.#lossScale?.scale ?? 1;
    tf.tidy(() => {
      const variables = trainable.map((name) => this.model.tensor(name));
      const objective = () => {
        const loss = crossEntropy(forward(), targets, { smoothing, classWeights }, total);
        return lossScale === 1 ? loss : loss.mul(lossScale) as tf.Scalar;
      };
      const { value, grads } = inPrecision(
        precision ?? "float32",
        () => tf.variableGrads(objective, variables),
      );
      const gradients = variables.map((variable, i) => {
        const gradient = grads[variable.name];
        if (gradient) return gradient;
        throw new RangeError(`Cannot train "${trainable[i]}": the logits do not depend on it`);
      });
      const before = this.#sum;
      this.#sum = before === undefined
        ? { loss: tf.keep(value), gradients: gradients.map(tf.keep) }
        : {
          loss: tf.keep(before.loss.add(value)),
          gradients: gradients.map((gradient, i) => tf.keep(before.gradients[i].add(gradient))),
        };
      if (before) free(before);
    });
  }

  /**
   * Changes the trainable tensors by the gradients that were added up.
   * @throws {RangeError} if there are none.
   * @throws {UserError} if the loss or the gradients are not finite; nothing has changed then.
   */
  async finish(): Promise<StepResult> {
    const { trainable, learningRate: peak, schedule, totalSteps, clipNorm } = this.options;
    const sum = this.#sum;
    if (sum === undefined) throw new RangeError("Cannot finish a step to which nothing was added");
    const learningRate = learningRateAt(this.#stepsDone, totalSteps, peak, schedule);
    try {
      // The one read-back of a step: it waits for the engine.
      const [scaledLoss, scaledNorm] = await valuesOf(() => {
        const squares = sum.gradients.map((gradient) => gradient.square().sum());
        return tf.stack([sum.loss, tf.addN(squares as tf.Tensor[]).sqrt()]);
      });
      // A power of two: dividing by it is exact.
      const lossScale = this.#lossScale?.scale ?? 1;
      const [loss, gradNorm] = [scaledLoss / lossScale, scaledNorm / lossScale];
      if (Number.isFinite(loss) && this.#lossScale?.update(Number.isFinite(gradNorm)) === false) {
        if (this.#lossScale.exhausted) throw this.#diverged(loss, gradNorm);
        this.#stepsDone++;
        return { loss, gradNorm: 0, learningRate };
      }
      if (!Number.isFinite(loss) || !Number.isFinite(gradNorm)) {
        throw this.#diverged(loss, gradNorm);
      }
      // As torch.nn.utils.clip_grad_norm_.
      const clip = clipNorm === null ? 1 : Math.min(1, clipNorm / (gradNorm + 1e-6));
      const scale = clip / lossScale;
      trainable.forEach((name, i) => {
        this.#apply(name, this.model.tensor(name), sum.gradients[i], {
          // The optimizer has not seen the steps that were skipped.
          step: this.#stepsDone - (this.#lossScale?.skipped ?? 0),
          learningRate: learningRate * this.#rateScales.get(name)!,
          scale,
        });
      });
      this.#stepsDone++;
      return { loss, gradNorm, learningRate };
    } finally {
      this.discard();
    }
  }

  /** Forgets what was added to the step in hand, as if it had not begun. */
  discard(): void {
    if (this.#sum) free(this.#sum);
    this.#sum = undefined;
  }

  /** The optimizer's tensors and the step count: with the model's, all that a later start needs. */
  async state(): Promise<Map<string, HostTensor>> {
    const slotNames = SLOTS[this.options.optimizer.name];
    const state = new Map<string, HostTensor>();
    // All at once: a GPU is waited for once, not for each.
    const slots = [...this.#slots].flatMap(([name, slots]) =>
      slots.map(async (slot, i) => ({
        name: `${slotNames[i]}.${name}`,
        shape: [...slot.shape],
        data: await slot.data<"float32">(),
      }))
    );
    for (const { name, shape, data } of await Promise.all(slots)) state.set(name, { shape, data });
    // Two numbers below 2^24, which 32-bit floats hold exactly.
    const data = Float32Array.of(Math.floor(this.#stepsDone / 2 ** 20), this.#stepsDone % 2 ** 20);
    if (this.#lossScale) state.set("loss_scale", { shape: [3], data: this.#lossScale.state });
    return state.set("steps_done", { shape: [2], data });
  }

  /**
   * Goes on from where {@linkcode Trainer.state} was taken; the model's tensors are the caller's.
   * @throws {RangeError} if the state is that of another optimizer or of other tensors.
   */
  restore(state: ReadonlyMap<string, HostTensor>): void {
    const slotNames = SLOTS[this.options.optimizer.name];
    const find = (key: string, shape: readonly number[]) => {
      const found = state.get(key);
      if (!found || found.shape.join() !== shape.join()) {
        throw new RangeError(`Cannot go on: the saved state has no "${key}" of shape [${shape}]`);
      }
      return found.data;
    };
    const done = find("steps_done", [2]);
    this.#lossScale?.restore(find("loss_scale", [3]));
    for (const [name, slots] of this.#slots) {
      const { shape } = this.model.tensor(name);
      const restored = slotNames.map((slot) => tf.tensor(find(`${slot}.${name}`, shape), shape));
      tf.dispose(slots);
      this.#slots.set(name, restored);
    }
    this.#stepsDone = done[0] * 2 ** 20 + done[1];
  }

  /** Frees the optimizer's tensors; the model stays. */
  dispose(): void {
    this.discard();
    for (const slots of this.#slots.values()) tf.dispose(slots);
  }

  #apply(
    name: string,
    variable: tf.Variable,
    gradient: tf.Tensor,
    at: { step: number; learningRate: number; scale: number },
  ): void {
    tf.tidy(() => {
      const old = this.#slots.get(name)!;
      const next = update(this.options.optimizer, variable, gradient, old, at);
      variable.assign(next.weight);
      this.#slots.set(name, next.slots.map((slot) => tf.keep(slot)));
      tf.dispose(old);
    });
  }

  #diverged(loss: number, gradNorm: number): UserError {
    const what = Number.isFinite(loss) ? "norm of the gradients" : "loss";
    const value = Number.isFinite(loss) ? gradNorm : loss;
    const { clipNorm, precision } = this.options;
    const clip = clipNorm === null ? ", or clip_norm: 1.0" : "";
    // Its largest number is 65504, which activations of a large model may pass.
    const range = precision === "float16"
      ? ", or precision: bfloat16, whose range is float32's"
      : "";
    return new UserError(
      `Cannot go on training: the ${what} of step ${this.#stepsDone} is ${value}`,
      {
        hint:
          `Try a learning rate below ${this.options.learningRate}, a longer warm-up${clip}${range}`,
      },
    );
  }
}

function free({ loss, gradients }: Sum): void {
  tf.dispose([loss, ...gradients]);
}
