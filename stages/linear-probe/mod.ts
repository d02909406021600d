import { z } from "zod";
import { lazily } from "../../base/lazy.ts";
import { defineStage } from "../stage.ts";
import { refuseBaselines } from "../vit_only.ts";

export const params = z.strictObject({
  l2: z.number().positive().default(1e-3).describe(
    "Half of it times the squared weights is added to the mean cross-entropy; in scikit-learn's words C = 1 / (n l2)",
  ),
  tolerance: z.number().positive().default(1e-5).describe(
    "The search has converged where no component of the gradient is larger",
  ),
  iterations: z.int().min(1).max(100_000).default(1000).describe("Steps of L-BFGS at most"),
});
export type LinearProbeParams = z.infer<typeof params>;

/** Asks how well the pretrained model tells the classes apart, with nothing trained but a classifier. */
export const linearProbe = defineStage({
  kind: "linear-probe",
  summary: "Fits a linear classifier on what the pretrained model makes of the training images",
  params,
  inputs: {
    data: "preprocess",
    model: { from: ["load-pretrained", "new-model"] },
    frozen: { from: ["freeze"], optional: true },
  },
  complete(params, view): LinearProbeParams {
    refuseBaselines(view, "has nothing pretrained to probe");
    return params;
  },
  run: lazily<typeof import("./run.ts")>("./run.ts", import.meta.url),
  draw: lazily<typeof import("./draw.ts")>("./draw.ts", import.meta.url),
});
