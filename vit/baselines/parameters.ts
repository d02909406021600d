import type { BaselineConfig, CnnConfig, RnnConfig } from "./config.ts";

/** A tensor that a baseline must have. */
export interface BaselineParameter {
  /** As in its checkpoint. */
  readonly name: string;
  readonly shape: readonly number[];
  /** `stage 0` (cnn) or `layer 0` (rnn) and so on, from the pixels up; `head`. */
  readonly part: string;
  /**
   * How PyTorch draws a new one of its kind: evenly from -bound to bound, or the same number
   * everywhere. `Conv2d` and `Linear`: one over the root of the inputs of an output; `LSTM` and `GRU`:
   * one over the root of the state's width; a norm: 1 and 0.
   */
  readonly initial: { readonly bound: number } | { readonly value: number };
}

/** Every tensor of a baseline, from the pixels up, in PyTorch's shapes. */
export function baselineParameters(config: BaselineConfig): BaselineParameter[] {
  const [body, width] = config.family === "cnn"
    ? [cnnParameters(config), config.channels[config.channels.length - 1]] as const
    : [rnnParameters(config), config.hiddenSize] as const;
  const classes = config.labels.length;
  const initial = { bound: 1 / Math.sqrt(width) };
  return [
    ...body,
    { name: "classifier.weight", shape: [classes, width], part: "head", initial },
    { name: "classifier.bias", shape: [classes], part: "head", initial },
  ];
}

/** Name of a convolution or of the norm after it, without `.weight`. */
export function cnnTensor(
  stage: number,
  layer: number,
  of: "convolution" | "normalization",
): string {
  return `cnn.stages.${stage}.layers.${layer}.${of}`;
}

/** Convolutions have no bias: the norm after them has a shift. */
function cnnParameters({ inputs, channels, convolutions, kernelSize }: CnnConfig) {
  return channels.flatMap((outputs, stage) =>
    Array.from({ length: convolutions }, (_, layer): BaselineParameter[] => {
      const from = layer > 0 ? outputs : stage > 0 ? channels[stage - 1] : inputs;
      const part = `stage ${stage}`;
      const norm = cnnTensor(stage, layer, "normalization");
      return [
        {
          name: `${cnnTensor(stage, layer, "convolution")}.weight`,
          shape: [outputs, from, kernelSize, kernelSize],
          part,
          initial: { bound: 1 / Math.sqrt(from * kernelSize ** 2) },
        },
        { name: `${norm}.weight`, shape: [outputs], part, initial: { value: 1 } },
        { name: `${norm}.bias`, shape: [outputs], part, initial: { value: 0 } },
      ];
    }).flat()
  );
}

/** Gates of a cell, in PyTorch's order: LSTM input, forget, cell, output; GRU reset, update, new. */
export const GATES = { lstm: 4, gru: 3 } as const;

/** `ih` reads what is below, `hh` the state before; each has a bias, as in PyTorch. */
function rnnParameters({ inputs, imageSize, cell, hiddenSize, layers }: RnnConfig) {
  const rows = GATES[cell] * hiddenSize;
  const initial = { bound: 1 / Math.sqrt(hiddenSize) };
  return Array.from({ length: layers }, (_, layer): BaselineParameter[] => {
    const below = layer > 0 ? hiddenSize : imageSize[1] * inputs;
    const part = `layer ${layer}`;
    return [
      { name: `rnn.weight_ih_l${layer}`, shape: [rows, below], part, initial },
      { name: `rnn.weight_hh_l${layer}`, shape: [rows, hiddenSize], part, initial },
      { name: `rnn.bias_ih_l${layer}`, shape: [rows], part, initial },
      { name: `rnn.bias_hh_l${layer}`, shape: [rows], part, initial },
    ];
  }).flat();
}
