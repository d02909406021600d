import { parametersByPart } from "../../figures/parameters.ts";
import type { Artifact, FigureSpec } from "../stage.ts";
import { newParametersFile } from "./files.ts";

/** Parameters by part. */
export async function draw(artifact: Artifact): Promise<FigureSpec[]> {
  const { parts, family } = await artifact.json("parameters.json", newParametersFile);
  return [parametersByPart(parts, family)];
}
