import { openSafetensors } from "../../base/safetensors.ts";
import { parametersByPart } from "../../figures/parameters.ts";
import { patchComponents } from "../../figures/patch_components.ts";
import { positionSimilarity } from "../../figures/position_similarity.ts";
import type { Artifact, FigureSpec } from "../stage.ts";
import { EMBEDDINGS, parametersFile } from "./files.ts";

/** Parameters by part, similarity of position embeddings, components of the patch embedding. */
export async function draw(artifact: Artifact): Promise<FigureSpec[]> {
  const { parts, family, architecture } = await artifact.json("parameters.json", parametersFile);
  const [height, width] = architecture.image_size;
  const [down, across] = architecture.patch_size;
  using file = await openSafetensors(artifact.file(EMBEDDINGS));
  return [
    parametersByPart(parts, family),
    positionSimilarity(
      file.float32("position_similarity"),
      [Math.floor(height / down), Math.floor(width / across)],
    ),
    patchComponents(
      file.float32("patch_components"),
      file.info("patch_components").shape,
      file.float32("explained_variance"),
    ),
  ];
}
