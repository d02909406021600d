import { z } from "zod";
import { lazily } from "../../base/lazy.ts";
import { defineStage } from "../stage.ts";

export const params = z.strictObject({
  mistakes: z.int().min(0).max(64).default(12).describe(
    "How many of the most confident mistakes to keep",
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
  run: lazily<typeof import("./run.ts")>("./run.ts", import.meta.url),
  draw: lazily<typeof import("./draw.ts")>("./draw.ts", import.meta.url),
  findings: lazily<typeof import("./findings.ts")>("./findings.ts", import.meta.url),
});
