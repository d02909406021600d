import type { Artifact } from "../../../stages/stage.ts";
import { makeArtifact } from "../artifact.ts";
import { type Shape, weights } from "./shape.ts";

function parts({ blocks, classes }: Shape) {
  return [
    { name: "embeddings", parameters: 500, tensors: 4 },
    ...Array.from({ length: blocks }, (_, i) => ({
      name: `block ${i}`,
      parameters: 2000,
      tensors: 16,
    })),
    { name: "norm", parameters: 32, tensors: 2 },
    { name: "head", parameters: 17 * classes.length, tensors: 2 },
  ];
}

export function madeUpModel(shape: Shape): Promise<Artifact> {
  const { side, patch, blocks, heads, classes } = shape;
  const patches = (side / patch) ** 2;
  const all = parts(shape);
  return makeArtifact("load-pretrained", {
    "parameters.json": {
      family: "vit",
      total: all.reduce((sum, part) => sum + part.parameters, 0),
      parts: all,
      architecture: {
        image_size: [side, side],
        patch_size: [patch, patch],
        tokens: patches + 1,
        hidden_size: 16,
        blocks,
        heads,
        intermediate_size: 64,
        hidden_act: "gelu",
        layer_norm_eps: 1e-12,
      },
      head: { source: "new", classes: classes.length },
    },
  }, {
    "embeddings.safetensors": {
      position_similarity: {
        dtype: "F32",
        shape: [patches, patches],
        data: Float32Array.from(
          { length: patches * patches },
          (_, i) => Math.cos((Math.floor(i / patches) - i % patches) / 5),
        ),
      },
      patch_components: {
        dtype: "F32",
        shape: [4, patch, patch, 3],
        data: weights(4, patch * patch * 3),
      },
      explained_variance: { dtype: "F32", shape: [4], data: Float32Array.of(0.5, 0.25, 0.1, 0.05) },
    },
  });
}

export function madeUpFreezing(shape: Shape): Promise<Artifact> {
  return makeArtifact("freeze", {
    "trainable.json": {
      // Out of order, as a checkpoint may have them.
      tensors: parts(shape).toReversed().map(({ name, parameters }) => ({
        name: `${name}.weight`,
        shape: [parameters],
        part: name,
        status: name === "embeddings" || name === "block 0" ? "frozen" : "trainable",
      })),
      frozen: 2500,
      trainable: 1,
      features: null,
      of: { data: "0".repeat(64), model: "1".repeat(64) },
      reason: "features: off",
    },
  });
}
