import { z } from "zod";
import { lazily } from "../../base/lazy.ts";
import { defineStage } from "../stage.ts";
import { completeEvaluate } from "./complete.ts";

const amount = z.int().min(0).max(4096);

export const params = z.strictObject({
  mistakes: z.int().min(0).max(64).default(12).describe(
    "How many of the most confident mistakes to keep",
  ),
  perturb: z.strictObject({
    shift: z.array(amount).max(32).default([]).describe(
      "Pixels that each image is moved by, in one of four directions from the seed",
    ),
    shuffle_patches: z.array(amount.min(1)).max(32).default([]).describe(
      "Sides of the square patches that each image is cut into and shuffled by, pixels",
    ),
  }).nullable().default(null).describe(
    "Scores the test images again after they were changed, by each of these; null: as they are alone",
  ),
});
export type EvaluateParams = z.infer<typeof params>;

/** Scores a model, whole as it was published, on the test images. */
export const evaluate = defineStage({
  kind: "evaluate",
  summary: "Scores the model on the test images",
  params,
  inputs: {
    data: "preprocess",
    model: { from: ["train", "linear-probe", "load-pretrained", "new-model"] },
  },
  usesSeed: ({ perturb }: EvaluateParams) => perturb !== null,
  complete: completeEvaluate,
  run: lazily<typeof import("./run.ts")>("./run.ts", import.meta.url),
  draw: lazily<typeof import("./draw.ts")>("./draw.ts", import.meta.url),
  findings: lazily<typeof import("./findings.ts")>("./findings.ts", import.meta.url),
});
