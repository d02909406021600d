import { z } from "zod";
import { lazily } from "../../base/lazy.ts";
import { defineStage } from "../stage.ts";
import { refuseBaselines } from "../vit_only.ts";

export const params = z.strictObject({
  images: z.int().min(1).max(64).default(8).describe("Test images whose attention is drawn"),
  measured: z.int().min(1).max(10_000).default(128)
    .describe("Test images that attention distance and entropy are averaged over"),
  rollout: z.strictObject({
    discard: z.number().min(0).max(0.99).default(0).describe(
      "Share of the patches that is left out of each row of a block's attention (mean over heads) before the rollout, " +
        "those with least weight; tokens that are no patches never are, and the row is made to add up to 1 after it",
    ),
  }).prefault({}).describe("How attention is followed through the blocks"),
  raw_attention: z.int().min(0).max(4096).default(64).describe(
    "Megabytes that every block's attention of the drawn images may take on disk, as float16: of as many as fit; 0: none",
  ),
  faithfulness: z.int().min(0).max(10_000).default(0).describe(
    "Test images whose patches are removed and added in the order of each map; 0: no such test",
  ),
  removed: z.enum(["mean", "blur"]).default("mean").describe(
    "What stands in a removed patch's place: the image's mean colour, or the image blurred",
  ),
  sanity: z.int().min(0).max(1000).default(0).describe(
    "Test images whose maps are made again with weights shuffled from the head downwards; 0: no such test",
  ),
});
export type VisualizeParams = z.infer<typeof params>;

/** Where the model looks. */
export const visualize = defineStage({
  kind: "visualize",
  summary: "Shows where the model attends on test images",
  params,
  inputs: {
    data: "preprocess",
    model: { from: ["train", "linear-probe", "load-pretrained", "new-model"] },
    // The same model before fine-tuning; there is none where it has not been trained.
    before: { from: ["load-pretrained", "new-model"], optional: true, above: "model" },
  },
  complete(params, view): VisualizeParams {
    refuseBaselines(view, "has no attention to show");
    return params;
  },
  usesSeed: ({ faithfulness, sanity }) => faithfulness > 0 || sanity > 0,
  run: lazily<typeof import("./run.ts")>("./run.ts", import.meta.url),
  draw: lazily<typeof import("./draw.ts")>("./draw.ts", import.meta.url),
});
