import { likeness } from "../../figures/likeness.ts";
import { movement } from "../../figures/movement.ts";
import type { Artifact, FigureSpec } from "../stage.ts";
import { movementFile } from "./movement_file.ts";

/** How far the weights moved, and what that did to what the blocks compute; none without a before. */
export async function drawMovement(artifact: Artifact): Promise<FigureSpec[]> {
  if (!artifact.files.includes("movement.json")) return [];
  const about = await artifact.json("movement.json", movementFile);
  return [
    movement(about.weights),
    ...(about.images === 0 ? [] : [likeness({
      places: about.after,
      classToken: about.class_token,
      patches: about.patches,
      images: about.images,
    })]),
  ];
}
