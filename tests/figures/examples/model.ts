import { likeness } from "../../../figures/likeness.ts";
import { movement } from "../../../figures/movement.ts";
import { parametersByPart } from "../../../figures/parameters.ts";
import { patchComponents } from "../../../figures/patch_components.ts";
import { positionSimilarity } from "../../../figures/position_similarity.ts";
import { trainableByPart } from "../../../figures/trainable.ts";

/** What shows the weights: load-pretrained, freeze, and how far fine-tuning moved them. */
export const MODEL = [
  parametersByPart([
    { name: "embeddings", parameters: 49_728 },
    { name: "block 0", parameters: 444_864 },
    { name: "norm", parameters: 384 },
    { name: "head", parameters: 1930 },
  ], "vit"),
  positionSimilarity(
    // 2 x 3 patches: the farther apart, the less alike.
    Array.from({ length: 36 }, (_, i) => {
      const [a, b] = [Math.floor(i / 6), i % 6];
      const far = Math.abs(a % 3 - b % 3) + Math.abs(Math.floor(a / 3) - Math.floor(b / 3));
      return 1 - far / 2;
    }),
    [2, 3],
  ),
  patchComponents(
    Float32Array.from({ length: 2 * 2 * 2 * 3 }, (_, i) => (i * 5) % 7 - 3),
    [2, 2, 2, 3],
    [0.5, 0.25],
  ),
  trainableByPart([
    { part: "embeddings", frozen: 49_728, trainable: 0 },
    { part: "block 0", frozen: 444_864, trainable: 0 },
    { part: "block 1", frozen: 0, trainable: 444_864 },
    { part: "head", frozen: 0, trainable: 1930 },
  ]),
  movement([
    { part: "block 0", role: null, relative: 0 },
    { part: "block 0", role: "attention", relative: 0 },
    { part: "block 0", role: "mlp", relative: 0 },
    { part: "block 0", role: "norms", relative: 0 },
    { part: "block 1", role: null, relative: 0.125 },
    { part: "block 1", role: "attention", relative: 0.25 },
    { part: "block 1", role: "mlp", relative: 0.0625 },
    { part: "block 1", role: "norms", relative: 0.01 },
  ]),
  likeness({
    places: ["embeddings", "block 0", "block 1"],
    classToken: [[null, null, null], [null, 1, 0.7], [null, 0.65, 0.4]],
    patches: [[1, 0.6, 0.3], [0.6, 1, 0.75], [0.3, 0.75, 0.9]],
    images: 128,
  }),
];
