import { tf } from "../engine/tf.ts";
import { firstTokens } from "./block.ts";
import { type ModelConfig, prefixTokens } from "./model_config.ts";
import type { Parameters } from "./embeddings.ts";
import { dense } from "./ops/dense.ts";
import { normalise } from "./ops/normalise.ts";
import { CLASSIFIERS } from "./parameters.ts";

/**
 * How many of the last block's first tokens the head reads; undefined where it reads all of them.
 */
export function tokensRead({ reads }: ModelConfig): number | undefined {
  return { "class": 1, "class and distillation": 2, "class and patches": undefined }[reads];
}

/** Vectors of an image that are left of its tokens in {@linkcode summarise}, R. */
export function summaryTokens(config: ModelConfig): number {
  return tokensRead(config) ?? 2;
}

/**
 * What the head makes its logits from, as far as no tensor of norm and head takes part: the tokens
 * that it reads; or the class token and the mean of the patches, both of them normalised. (The norm's
 * scale and shift are the same for all tokens, so they can be applied to a mean.)
 *
 * @param x Output of the last block, `[B, T, D]`.
 * @returns `[B, R, D]`.
 */
export function summarise(x: tf.Tensor3D, config: ModelConfig): tf.Tensor3D {
  const read = tokensRead(config);
  if (read !== undefined) return firstTokens(x, read);
  const [batch, tokens, width] = x.shape;
  const normal = normalise(x.reshape([-1, width]), config.layerNormEps)
    .reshape([batch, tokens, width]) as tf.Tensor3D;
  const prefix = prefixTokens(config);
  const patches = normal.slice([0, prefix, 0], [batch, tokens - prefix, width]);
  return tf.concat([firstTokens(normal, 1), patches.mean(1, true)], 1);
}

/**
 * Final norm and classifier.
 *
 * @param summary `[B, R, D]`, as {@linkcode summarise} gives it.
 * @returns Logits, `[B, classes]`.
 */
export function classifySummary(
  summary: tf.Tensor3D,
  config: ModelConfig,
  parameters: Parameters,
): tf.Tensor2D {
  const [batch, read, width] = summary.shape;
  const rows = summary.reshape([-1, width]);
  const normal = tokensRead(config) === undefined ? rows : normalise(rows, config.layerNormEps);
  const tokens = scaleAndShift(normal, config, parameters).reshape([batch, read, width]);
  const names = CLASSIFIERS[config.reads];
  const logits = names.map((name, i) => {
    const input = names.length === 1
      ? tokens.reshape([batch, read * width]) // the only token, or both joined
      : tokens.slice([0, i, 0], [batch, 1, width]).reshape([batch, width]);
    return dense(input, parameters(`${name}.weight`), parameters(`${name}.bias`));
  });
  return logits.length === 1 ? logits[0] : logits[0].add(logits[1]).div(2);
}

/** The final norm's scale and shift: `[rows, D]` to `[rows, D]`. */
export function scaleAndShift(
  x: tf.Tensor,
  { family }: ModelConfig,
  parameters: Parameters,
): tf.Tensor {
  return x.mul(parameters(`${family}.layernorm.weight`)).add(
    parameters(`${family}.layernorm.bias`),
  );
}
