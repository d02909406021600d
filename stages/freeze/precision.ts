import type { PlanView } from "../stage.ts";
import { augments, type TrainParams } from "../train/params.ts";
import type { FreezeParams } from "./mod.ts";

/** Why there is nothing to compute in bfloat16; undefined where there is. */
export function needsFloat32(params: FreezeParams, view: PlanView): string | undefined {
  if (params.features === "off") {
    return "it is for activations that are computed in advance, and features is off";
  }
  if (!params.embeddings) {
    return "it is for an unbroken frozen part from the pixels up, and the embeddings are trained";
  }
  if (params.blocks === 0) return "it is for frozen blocks, and there are none";
  // Steps would learn from what the blocks give in float32, and accuracies be measured on the other.
  if (view.related("train").some(({ params }) => augments(params as TrainParams))) {
    return "train augments images, so that each step computes the frozen part anew, in float32";
  }
  return undefined;
}
