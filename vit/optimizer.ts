import { tf } from "../engine/tf.ts";

/** AdamW (Loshchilov and Hutter 2019): Adam with decay that the moments do not see. */
export interface AdamWSettings {
  readonly name: "adamw";
  /** Decoupled; applied to tensors of two or more dimensions, not to biases and norms. */
  readonly weightDecay: number;
  readonly betas: readonly [number, number];
  readonly epsilon: number;
}

/** Stochastic gradient descent with momentum, as PyTorch's: the first step's buffer is its gradient. */
export interface SgdSettings {
  readonly name: "sgd";
  readonly momentum: number;
  /** Added to the gradient of tensors of two or more dimensions. */
  readonly weightDecay: number;
}

export type OptimizerSettings = AdamWSettings | SgdSettings;

/** What an optimizer keeps of each tensor between steps, by the names that the checkpoint uses. */
export const SLOTS = { adamw: ["exp_avg", "exp_avg_sq"], sgd: ["momentum_buffer"] } as const;

/**
 * One step's new values. All are functions of tensors: who calls them owns the result.
 *
 * @param weight Of any shape.
 * @param gradient Of the same shape.
 * @param slots The optimizer's, in the order of {@linkcode SLOTS}; zeros before the first step.
 * @param at Counts steps from 0; `scale` is what clipping multiplies the gradient by.
 */
export function update(
  settings: OptimizerSettings,
  weight: tf.Tensor,
  gradient: tf.Tensor,
  slots: readonly tf.Tensor[],
  at: { step: number; learningRate: number; scale: number },
): { weight: tf.Tensor; slots: tf.Tensor[] } {
  const decay = weight.rank >= 2 ? settings.weightDecay : 0;
  return settings.name === "adamw"
    ? adamW(settings, weight, gradient, slots, decay, at)
    : sgd(settings, weight, gradient, slots, decay, at);
}

function adamW(
  { betas: [beta1, beta2], epsilon }: AdamWSettings,
  weight: tf.Tensor,
  gradient: tf.Tensor,
  [average, averageSquare]: readonly tf.Tensor[],
  decay: number,
  { step, learningRate, scale }: { step: number; learningRate: number; scale: number },
): { weight: tf.Tensor; slots: tf.Tensor[] } {
  // The corrections for the moments' start at 0 go into the rate and epsilon: fewer passes.
  const correction1 = 1 - beta1 ** (step + 1);
  const correction2 = Math.sqrt(1 - beta2 ** (step + 1));
  const rate = learningRate * correction2 / correction1;
  const m = average.mul(beta1).add(gradient.mul((1 - beta1) * scale));
  const v = averageSquare.mul(beta2).add(gradient.square().mul((1 - beta2) * scale * scale));
  const change = m.div(v.sqrt().add(epsilon * correction2)).mul(rate);
  const kept = decay === 0 ? weight : weight.mul(1 - learningRate * decay);
  return { weight: kept.sub(change), slots: [m, v] };
}

function sgd(
  { momentum }: SgdSettings,
  weight: tf.Tensor,
  gradient: tf.Tensor,
  [buffer]: readonly tf.Tensor[],
  decay: number,
  { learningRate, scale }: { learningRate: number; scale: number },
): { weight: tf.Tensor; slots: tf.Tensor[] } {
  const scaled = scale === 1 ? gradient : gradient.mul(scale);
  const decayed = decay === 0 ? scaled : scaled.add(weight.mul(decay));
  // From a buffer of zeros this is the gradient itself, as in PyTorch.
  const next = buffer.mul(momentum).add(decayed);
  return { weight: weight.sub(next.mul(learningRate)), slots: [next] };
}
