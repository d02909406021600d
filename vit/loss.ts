import { tf } from "../engine/tf.ts";

/** What each image of a batch is to be recognised as. */
export interface Targets {
  /** Class indices, `[B]`. */
  readonly labels: Int32Array;
  /** Where two images were mixed into each: the class of the second, and the first one's share. */
  readonly mixed?: { readonly labels: Int32Array; readonly share: number };
}

/** What is minimised. */
export interface Objective {
  /** Share of the target that all classes get alike, from 0 to below 1. */
  readonly smoothing: number;
  /** How much each class counts, `[classes]`; missing: all alike. */
  readonly classWeights?: readonly number[];
}

/**
 * Cross-entropy as PyTorch's `CrossEntropyLoss(weight=…, label_smoothing=s)`: the target is the class
 * with probability 1 - s, plus s spread evenly over all classes; each class's term counts by its
 * weight, and the mean is taken over the weights of the targets' classes. The target of a mixed image
 * is the mean of its two, by their shares, and so is its weight.
 *
 * @param logits `[B, classes]`.
 * @param total What the sum over the images is divided by: where the batch is part of a larger one,
 * {@linkcode weightOf} the whole.
 * @returns Nats.
 */
export function crossEntropy(
  logits: tf.Tensor2D,
  targets: Targets,
  { smoothing, classWeights }: Objective,
  total: number = weightOf(targets, classWeights),
): tf.Scalar {
  const classes = logits.shape[1];
  const oneHot = (labels: Int32Array) => tf.oneHot(tf.tensor1d(labels, "int32"), classes).toFloat();
  return tf.tidy(() => {
    const { labels, mixed } = targets;
    const hot = mixed === undefined
      ? oneHot(labels)
      : oneHot(labels).mul(mixed.share).add(oneHot(mixed.labels).mul(1 - mixed.share));
    const smooth = smoothing === 0 ? hot : hot.mul(1 - smoothing).add(smoothing / classes);
    const target = classWeights === undefined ? smooth : smooth.mul(tf.tensor1d([...classWeights]));
    return tf.logSoftmax(logits).mul(target).sum().mul(-1 / total) as tf.Scalar;
  });
}

/** Weights of the targets' classes, added up; without class weights the number of images. */
export function weightOf({ labels, mixed }: Targets, classWeights?: readonly number[]): number {
  if (classWeights === undefined) return labels.length;
  const sum = (some: Int32Array) => some.reduce((total, label) => total + classWeights[label], 0);
  return mixed === undefined
    ? sum(labels)
    : mixed.share * sum(labels) + (1 - mixed.share) * sum(mixed.labels);
}

/** Sums over images, to be added up over batches. */
export interface Score {
  readonly images: number;
  /** Sum of the cross-entropy, nats. */
  readonly loss: number;
  /** Images whose class has the largest logit (the first of equals, as argmax). */
  readonly correct: number;
}

/**
 * Scores logits on the host, in 64-bit floats, each row shifted by its largest logit so that nothing
 * overflows.
 *
 * @param logits `[B, classes]`, row by row.
 * @param labels `[B]`.
 */
export function score(logits: Float32Array, labels: ArrayLike<number>): Score {
  const images = labels.length;
  const classes = logits.length / images;
  let [loss, correct] = [0, 0];
  for (let i = 0; i < images; i++) {
    const row = logits.subarray(i * classes, (i + 1) * classes);
    let best = 0;
    for (let c = 1; c < classes; c++) if (row[c] > row[best]) best = c;
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += Math.exp(row[c] - row[best]);
    loss += Math.log(sum) + row[best] - row[labels[i]];
    if (best === labels[i]) correct++;
  }
  return { images, loss, correct };
}
