import { learningCurves } from "../../figures/learning_curves.ts";
import { trainingSteps } from "../../figures/training_steps.ts";
import type { Artifact, FigureSpec } from "../stage.ts";
import { historyFile } from "./files.ts";

/** Loss and accuracy by epoch, the chosen one marked; loss, learning rate, gradient norm by step. */
export async function draw(artifact: Artifact): Promise<FigureSpec[]> {
  const { epochs, steps, published_epoch: kept } = await artifact.json("history.json", historyFile);
  return [
    ...(epochs.length > 0 ? [learningCurves(epochs, kept)] : []),
    ...(steps.length > 0 ? [trainingSteps(steps, { epochs: epochs.length, kept })] : []),
  ];
}
