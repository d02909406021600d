import { z } from "zod";
import { UserError } from "../../base/errors.ts";
import { quoted } from "../../base/printable.ts";
import type { ClassifierConfig } from "../classifier.ts";

/**
 * The networks that a Vision Transformer is compared with, by the word that `model_type` of their
 * config.json has. They are this project's own: transformers has no class for them.
 */
export const BASELINES = ["cnn", "rnn"] as const;
export type BaselineFamily = typeof BASELINES[number];

/**
 * A plain convolutional network: stages of convolution, normalisation and ReLU, each stage at half
 * the resolution of the one below; then the mean over the image and a linear classifier.
 */
export interface CnnConfig extends ClassifierConfig {
  readonly family: "cnn";
  /** Colours of a pixel. */
  readonly inputs: number;
  /** Channels of each stage, from the pixels up. */
  readonly channels: readonly number[];
  /** Convolutions of a stage. */
  readonly convolutions: number;
  /** Side of a filter, pixels; odd. */
  readonly kernelSize: number;
  /** Added to the variance in the normalisation. */
  readonly normEps: number;
}

/**
 * A recurrent network that reads an image row by row, from the top: each row of pixels is a step of
 * time. A linear classifier reads the state of the top layer after the last row.
 */
export interface RnnConfig extends ClassifierConfig {
  readonly family: "rnn";
  readonly inputs: number;
  /** LSTM (Hochreiter and Schmidhuber 1997; with forget gate, Gers et al. 2000) or GRU (Cho et al. 2014). */
  readonly cell: typeof CELLS[number];
  /** Width of the state. */
  readonly hiddenSize: number;
  readonly layers: number;
}

export type BaselineConfig = CnnConfig | RnnConfig;

export const CELLS = ["lstm", "gru"] as const;

const size = z.int().min(1).max(1 << 14);
const common = {
  image_size: z.union([size.transform((n): [number, number] => [n, n]), z.tuple([size, size])]),
  num_channels: z.literal(3),
  id2label: z.record(z.string(), z.string()),
};
const file = z.discriminatedUnion("model_type", [
  z.looseObject({
    model_type: z.literal("cnn"),
    ...common,
    channels: z.array(size).min(1).max(16),
    num_convolutions: z.int().min(1).max(16),
    kernel_size: z.int().min(1).max(31).refine((n) => n % 2 === 1, "it must be odd"),
    norm_eps: z.number().positive(),
  }),
  z.looseObject({
    model_type: z.literal("rnn"),
    ...common,
    cell: z.enum(CELLS),
    hidden_size: size,
    num_hidden_layers: z.int().min(1).max(64),
  }),
]);

/** Whether a config.json is that of a baseline. */
export function isBaselineJson(json: unknown): boolean {
  const family = (json as { model_type?: unknown } | null)?.model_type;
  return (BASELINES as readonly unknown[]).includes(family);
}

/**
 * Reads a baseline's config.json, as {@linkcode baselineJson} writes it.
 * @param where Its path, for errors.
 * @throws {UserError} naming the key that is wrong.
 */
export function parseBaselineConfig(json: unknown, where: string): BaselineConfig {
  const parsed = file.safeParse(json, { reportInput: true });
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0];
    throw new UserError(`Cannot use ${quoted(path.join("."))} of ${where}: ${message}`, {
      hint: "It must be as new-model writes it",
    });
  }
  const { image_size: imageSize, num_channels: inputs, id2label } = parsed.data;
  const labels = Array.from({ length: Object.keys(id2label).length }, (_, i) => id2label[i]);
  if (labels.length === 0 || labels.some((label) => label === undefined)) {
    throw new UserError(
      `Cannot read id2label of ${where}: its keys must be 0 and so on, one for each class`,
    );
  }
  const own = { imageSize, inputs, labels };
  if (parsed.data.model_type === "cnn") {
    const { channels, num_convolutions: convolutions, kernel_size, norm_eps } = parsed.data;
    const rest = { channels, convolutions, kernelSize: kernel_size, normEps: norm_eps };
    return { family: "cnn", ...own, ...rest };
  }
  const { cell, hidden_size: hiddenSize, num_hidden_layers: layers } = parsed.data;
  return { family: "rnn", ...own, cell, hiddenSize, layers };
}

/** A baseline's config.json, without the classes, which a checkpoint adds. */
export function baselineJson(config: BaselineConfig): Record<string, unknown> {
  const [height, width] = config.imageSize;
  const common = {
    model_type: config.family,
    image_size: height === width ? height : [height, width],
    num_channels: config.inputs,
  };
  if (config.family === "cnn") {
    return {
      ...common,
      channels: [...config.channels],
      num_convolutions: config.convolutions,
      kernel_size: config.kernelSize,
      hidden_act: "relu",
      norm_eps: config.normEps,
    };
  }
  return {
    ...common,
    cell: config.cell,
    hidden_size: config.hiddenSize,
    num_hidden_layers: config.layers,
  };
}
