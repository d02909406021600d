import { random } from "../base/random.ts";
import type { HostTensor } from "./host_tensor.ts";
import type { ModelConfig } from "./model_config.ts";
import { parametersOf, sizeOf } from "./parameters.ts";

/**
 * Draws a new Vision Transformer as `ViTForImageClassification(config)` of transformers does: weights,
 * class token and position embeddings from a normal distribution with the config's
 * initializer_range, biases 0, scales of the norms 1. (transformers cuts some of them off at -2 and
 * 2, which is a hundred deviations away.)
 *
 * @param config Of the family `vit`.
 * @param seed Decides the numbers; each tensor has a stream of its own.
 */
export function newVit(config: ModelConfig, seed: number): Map<string, HostTensor> {
  return new Map(
    parametersOf(config).map(({ name, shape }): [string, HostTensor] => {
      const data = new Float32Array(sizeOf(shape));
      if (shape.length > 1) {
        const generator = random(seed, `new ${name}`);
        data.forEach((_, i) => data[i] = config.initializerRange * generator.normal());
      } else if (/layernorm\w*\.weight$/.test(name)) data.fill(1);
      return [name, { shape: [...shape], data }];
    }),
  );
}
