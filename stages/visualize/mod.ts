import { z } from "zod";
import { lazily } from "../../base/lazy.ts";
import { defineStage } from "../stage.ts";

export const params = z.strictObject({
  images: z.int().min(1).max(64).default(8).describe("Test images whose attention is drawn"),
  measured: z.int().min(1).max(10_000).default(128)
    .describe("Test images that attention distance and entropy are averaged over"),
});
export type VisualizeParams = z.infer<typeof params>;

/** Where the model looks. */
export const visualize = defineStage({
  kind: "visualize",
  summary: "Shows where the model attends on test images",
  params,
  inputs: {
    data: "preprocess",
    model: { from: ["train", "linear-probe", "load-pretrained"] },
  },
  run: lazily<typeof import("./run.ts")>("./run.ts", import.meta.url),
  draw: lazily<typeof import("./draw.ts")>("./draw.ts", import.meta.url),
});
