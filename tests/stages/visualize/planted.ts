import { join } from "node:path";
import { writeSafetensors } from "../../../base/safetensors.ts";
import { PixelBatches } from "../../../data/batches.ts";
import { parseModelConfig } from "../../../vit/config.ts";
import type { HostTensor } from "../../../vit/host_tensor.ts";
import { VisionTransformer } from "../../../vit/model.ts";
import { parametersOf, sizeOf } from "../../../vit/parameters.ts";

/** Sides of an image and of a patch, pixels: 16 patches. */
const [SIDE, PATCH] = [16, 4];

/**
 * A model that was written, not trained: its class is whether one patch is bright or dark. One block,
 * one head, four numbers a token: (brightness, -brightness, place, -place), where place is 5 for the
 * patch that counts and -5 for all others. The class token asks for place, and takes over brightness.
 *
 * @param patch The patch that counts.
 */
export function plantedModel(patch: number): VisionTransformer {
  const config = parseModelConfig({
    model_type: "vit",
    hidden_size: 4,
    num_hidden_layers: 1,
    num_attention_heads: 1,
    intermediate_size: 4,
    image_size: SIDE,
    patch_size: PATCH,
    id2label: { 0: "bright", 1: "dark" },
    architectures: ["ViTForImageClassification"],
  }, "planted");
  const set: Record<string, number[]> = {
    // Mean of the patch's pixels, and its negative.
    "vit.embeddings.patch_embeddings.projection.weight": [1, -1, 0, 0].flatMap((sign) =>
      Array<number>(3 * PATCH ** 2).fill(sign / (3 * PATCH ** 2))
    ),
    "vit.embeddings.position_embeddings": [
      [0, 0, -5, 5],
      ...Array.from({ length: 16 }, (_, i) => i === patch ? [0, 0, 5, -5] : [0, 0, -5, 5]),
    ].flat(),
    // Every query is (20, 0, 0, 0); a key's first number is the place.
    "vit.encoder.layer.0.attention.attention.query.bias": [20, 0, 0, 0],
    "vit.encoder.layer.0.attention.attention.key.weight": [0, 0, 1, 0, ...zeros(12)],
    // Brightness times 100 goes into the first two numbers.
    "vit.encoder.layer.0.attention.attention.value.weight": [1, 0, 0, 0, ...zeros(12)],
    "vit.encoder.layer.0.attention.output.dense.weight": [
      ...[100, 0, 0, 0],
      ...[-100, 0, 0, 0],
      ...zeros(8),
    ],
    "classifier.weight": [4, 0, 0, 0, -4, 0, 0, 0],
  };
  const weights = parametersOf(config).map(({ name, shape }) => {
    const norm = /norm\w*\.weight$/.test(name);
    const data = new Float32Array(sizeOf(shape)).fill(norm ? 1 : 0);
    if (set[name]) data.set(set[name]);
    return [name, { shape: [...shape], data }] as [string, HostTensor];
  });
  return new VisionTransformer(config, new Map(weights));
}

const zeros = (count: number) => Array<number>(count).fill(0);

/** Images that are bright in one patch and dark, each in its own shade, everywhere else. */
export async function plantedImages(
  folder: string,
  patch: number,
  count: number,
): Promise<PixelBatches> {
  const data = new Uint8Array(count * SIDE * SIDE * 3);
  data.forEach((_, i) => {
    const [image, y, x] = [
      Math.floor(i / (SIDE * SIDE * 3)),
      Math.floor(i / (SIDE * 3)) % SIDE,
      Math.floor(i / 3) % SIDE,
    ];
    const own = Math.floor(y / PATCH) * (SIDE / PATCH) + Math.floor(x / PATCH);
    data[i] = own === patch ? 255 : 3 * image;
  });
  const path = join(folder, "pool.safetensors");
  await writeSafetensors(path, {
    images: { dtype: "U8", shape: [count, SIDE, SIDE, 3], data },
    labels: { dtype: "I32", shape: [count], data: new Int32Array(count) },
  });
  const half = [0.5, 0.5, 0.5];
  return await PixelBatches.open(path, {
    resize: null,
    rescale_factor: 1 / 255,
    mean: half,
    std: half,
  });
}
