import { tf } from "../engine/tf.ts";

/**
 * Mean cross-entropy with label smoothing, as PyTorch's `CrossEntropyLoss`: the target is the class
 * with probability 1 - s, plus s spread evenly over all classes.
 *
 * @param logits `[B, classes]`.
 * @param labels `[B]`, class indices.
 * @param smoothing s, from 0 to below 1.
 * @returns Nats.
 */
export function crossEntropy(
  logits: tf.Tensor2D,
  labels: Int32Array,
  smoothing: number,
): tf.Scalar {
  const [batch, classes] = logits.shape;
  return tf.tidy(() => {
    const hot = tf.oneHot(tf.tensor1d(labels, "int32"), classes).toFloat();
    const target = smoothing === 0 ? hot : hot.mul(1 - smoothing).add(smoothing / classes);
    return tf.logSoftmax(logits).mul(target).sum().mul(-1 / batch) as tf.Scalar;
  });
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
