import { join } from "node:path";
import { cacheFolder } from "../base/cache.ts";
import { exists } from "../base/exists.ts";
import { random } from "../base/random.ts";
import { parseModelConfig } from "../vit/config.ts";
import { writeCheckpoint } from "../vit/checkpoint.ts";
import type { HostTensor } from "../vit/host_tensor.ts";
import { parametersOf, sizeOf } from "../vit/parameters.ts";

/** ViT-B/16 as `ViTConfig()` of transformers has it. */
const CONFIG = {
  model_type: "vit",
  hidden_size: 768,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  intermediate_size: 3072,
  hidden_act: "gelu",
  layer_norm_eps: 1e-12,
  image_size: 224,
  patch_size: 16,
  num_channels: 3,
  qkv_bias: true,
};
const CLASSES = 1000;
/** Random numbers that are drawn, and then used over and over; a prime, so that no two rows are alike. */
const DRAWN = 1_048_573;

/**
 * The folder of a ViT-B/16 with random weights, in the user's cache; made at the first call (346 MB).
 * No time depends on what the weights are.
 */
export async function randomVitBase(): Promise<string> {
  const folder = join(cacheFolder(), "bench", "vit-base-patch16-224-random");
  if (exists(folder)) return folder;
  const draw = random(1, "bench weights");
  const drawn = Float32Array.from({ length: DRAWN }, () => 0.02 * draw.normal());
  let at = 0;
  const labels = Array.from({ length: CLASSES }, (_, i) => `class ${i}`);
  const config = parseModelConfig({ ...CONFIG, num_labels: CLASSES }, "ViT-B/16");
  const weights = parametersOf(config).map(({ name, shape }): [string, HostTensor] => {
    const scale = /layernorm.*\.weight$/.test(name);
    const data = scale
      ? new Float32Array(sizeOf(shape)).fill(1)
      : Float32Array.from({ length: sizeOf(shape) }, () => drawn[at++ % DRAWN]);
    return [name, { shape: [...shape], data }];
  });
  const making = `${folder}.${Deno.pid}`;
  await Deno.mkdir(making, { recursive: true });
  await writeCheckpoint(making, {
    config: CONFIG,
    labels,
    imageSize: [CONFIG.image_size, CONFIG.image_size],
    weights: new Map(weights),
    preprocessor: { image_processor_type: "ViTImageProcessor" },
  });
  await Deno.rename(making, folder);
  return folder;
}
