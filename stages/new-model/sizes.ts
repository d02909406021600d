import { UserError } from "../../base/errors.ts";
import { type BaselineConfig, baselineJson } from "../../vit/baselines/config.ts";
import { baselineParameters } from "../../vit/baselines/parameters.ts";
import { type ModelConfig, parseModelConfig } from "../../vit/config.ts";
import { parametersOf, sizeOf } from "../../vit/parameters.ts";
import { DOUBLINGS, NAMES, type NewModelParams } from "./params.ts";

/** What the images decide. */
export interface ImagesAndClasses {
  readonly imageSize: readonly [height: number, width: number];
  readonly labels: readonly string[];
}

/** A network that is to be made: its config, and config.json without the classes. */
export type NewNetwork =
  | { readonly kind: "vit"; readonly config: ModelConfig; readonly json: Record<string, unknown> }
  | {
    readonly kind: "baseline";
    readonly config: BaselineConfig;
    readonly json: Record<string, unknown>;
  };

/**
 * Works out how wide a network is. Where `parameters` says it, it is as wide as these allow, and has
 * never more of them: a ViT first grows in width, then in its MLPs; a CNN in all stages alike, of
 * which each has twice the channels of the one below, then in each, from the top; an RNN in its state.
 *
 * @param params As the plan has them.
 * @throws {UserError} if the narrowest has more parameters than asked for.
 */
export function sizeNetwork(params: NewModelParams, images: ImagesAndClasses): NewNetwork {
  const { architecture, parameters: budget } = params;
  if (architecture === "vit") {
    const of = (width: number, inside: number) => vit(params, images, width, inside);
    if (budget === undefined) return of(params.hidden_size!, params.intermediate_size!);
    const fits = (width: number, inside: number) => parametersIn(of(width, inside)) <= budget;
    const heads = params.heads!;
    const width = heads * widest((n) => fits(heads * n, 4 * heads * n), params);
    return of(width, widest((inside) => fits(width, inside), params));
  }
  if (architecture === "cnn") {
    if (budget === undefined) return cnn(params, images, params.channels!);
    const fits = (channels: readonly number[]) =>
      parametersIn(cnn(params, images, channels)) <= budget;
    const least = widest((n) => fits(DOUBLINGS.map((times) => times * n)), params);
    const channels = DOUBLINGS.map((times) => times * least);
    for (let stage = channels.length - 1; stage >= 0; stage--) {
      channels[stage] = widest((n) => fits(channels.with(stage, n)), params);
    }
    return cnn(params, images, channels);
  }
  if (budget === undefined) return rnn(params, images, params.hidden_size!);
  return rnn(
    params,
    images,
    widest((n) => parametersIn(rnn(params, images, n)) <= budget, params),
  );
}

/** Numbers in all of a network's tensors. */
export function parametersIn({ kind, config }: NewNetwork): number {
  const tensors = kind === "vit" ? parametersOf(config) : baselineParameters(config);
  return tensors.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/** The largest number from 1 up that fits, where no larger one does if one does not. */
function widest(fits: (n: number) => boolean, params: NewModelParams): number {
  if (!fits(1)) {
    throw new UserError(
      `Cannot make ${NAMES[params.architecture]} of ${params.parameters} parameters: ` +
        "the narrowest of its depth has more",
      { hint: "Raise parameters in new-model" },
    );
  }
  let [low, high] = [1, 2];
  while (fits(high)) [low, high] = [high, 2 * high];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** As ViTConfig of transformers has it by default, but for the sizes. */
function vit(
  { patch_size: patch, blocks, heads }: NewModelParams,
  { imageSize, labels }: ImagesAndClasses,
  width: number,
  inside: number,
): NewNetwork {
  const json = {
    model_type: "vit",
    hidden_size: width,
    num_hidden_layers: blocks,
    num_attention_heads: heads,
    intermediate_size: inside,
    hidden_act: "gelu",
    hidden_dropout_prob: 0,
    attention_probs_dropout_prob: 0,
    initializer_range: 0.02,
    layer_norm_eps: 1e-12,
    image_size: oneOrBoth(imageSize),
    patch_size: oneOrBoth(patch as readonly [number, number]),
    num_channels: 3,
    qkv_bias: true,
  };
  const config = parseModelConfig(json, "new-model");
  return { kind: "vit", config: { ...config, labels }, json };
}

function cnn(
  { convolutions, kernel_size }: NewModelParams,
  images: ImagesAndClasses,
  channels: readonly number[],
): NewNetwork {
  return baseline({
    family: "cnn",
    ...images,
    inputs: 3,
    channels,
    convolutions: convolutions!,
    kernelSize: kernel_size!,
    normEps: 1e-5,
  });
}

function rnn(
  { cell, layers }: NewModelParams,
  images: ImagesAndClasses,
  hiddenSize: number,
): NewNetwork {
  return baseline({
    family: "rnn",
    ...images,
    inputs: 3,
    cell: cell!,
    hiddenSize,
    layers: layers!,
  });
}

function baseline(config: BaselineConfig): NewNetwork {
  return { kind: "baseline", config, json: baselineJson(config) };
}

/** transformers writes one number for a square. */
function oneOrBoth([height, width]: readonly [number, number]): number | number[] {
  return height === width ? height : [height, width];
}
