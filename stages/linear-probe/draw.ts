import { probeAccuracy } from "../../figures/probe_accuracy.ts";
import type { Artifact, FigureSpec } from "../stage.ts";
import { probeFile } from "./files.ts";

/** How well the classifier does on the images that it was fitted on, and on others. */
export async function draw(artifact: Artifact): Promise<FigureSpec[]> {
  return [probeAccuracy(await artifact.json("probe.json", probeFile))];
}
