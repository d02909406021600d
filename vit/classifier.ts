import type { tf } from "../engine/tf.ts";
import type { HostTensor } from "./host_tensor.ts";

/** What is known of any classifier of images. */
export interface ClassifierConfig {
  /** `model_type` of config.json. */
  readonly family: string;
  /** Height and width of an image, pixels. */
  readonly imageSize: readonly [height: number, width: number];
  /** Classes in the order of their indices. */
  readonly labels: readonly string[];
}

/**
 * What training and scoring need of a model on the engine: a Vision Transformer, or one of the
 * networks that it is compared with (baselines/).
 */
export interface Classifier {
  readonly config: ClassifierConfig;
  /** Names of its tensors, from the pixels up. */
  readonly names: readonly string[];
  /** Names of those that logits depend on, which a trainer may change. */
  readonly learnable: readonly string[];
  /** Names of those that a trainer changes: gradients need reach no others. */
  trainable: ReadonlySet<string>;
  /** One of its tensors. @throws {RangeError} if it has none of that name. */
  tensor(name: string): tf.Variable;
  /** Pixels `[B, height, width, channels]`, normalised, to logits `[B, classes]`. */
  forward(pixels: tf.Tensor4D): tf.Tensor2D;
  /** Its tensors as they now stand. */
  download(): Promise<Map<string, HostTensor>>;
  dispose(): void;
}
