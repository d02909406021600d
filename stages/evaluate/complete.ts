import type { PlanView } from "../stage.ts";
import type { EvaluateParams } from "./mod.ts";

/** Finds patches that do not fill the images, as far as their size is known. */
export function completeEvaluate(params: EvaluateParams, view: PlanView): EvaluateParams {
  for (const { params: { image_size: size } } of view.related("preprocess")) {
    const sides = typeof size === "number" ? [size, size] : Array.isArray(size) ? size : [];
    for (const patch of params.perturb?.shuffle_patches ?? []) {
      if (sides.every((side) => side % patch === 0)) continue;
      view.problem(
        "perturb.shuffle_patches",
        `Cannot cut images of ${sides.join("x")} pixels into patches of ${patch}: ` +
          "it must divide both sides",
      );
    }
  }
  return params;
}
