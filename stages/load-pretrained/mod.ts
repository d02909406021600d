import { z } from "zod";
import { lazily } from "../../base/lazy.ts";
import { defineStage } from "../stage.ts";
import { checkModel, modelFiles } from "./locate.ts";

export const params = z.strictObject({
  model: z.string().min(1)
    .describe(
      "A folder with config.json and model.safetensors, or owner/name[@revision] on the Hub",
    ),
  head: z.enum(["keep", "reinit", "auto"]).default("reinit")
    .describe("The classifier: keep, draw anew, or keep it where its labels are the data set's"),
});
export type LoadPretrainedParams = z.infer<typeof params>;

/** A pretrained Vision Transformer with a head for the classes of the data. */
export const loadPretrained = defineStage({
  kind: "load-pretrained",
  summary: "Reads a pretrained Vision Transformer and fits its head to the classes",
  params,
  inputs: { data: "preprocess" },
  usesSeed: (p: LoadPretrainedParams) => p.head !== "keep",
  complete: checkModel,
  files: modelFiles,
  run: lazily<typeof import("./run.ts")>("./run.ts", import.meta.url),
  draw: lazily<typeof import("./draw.ts")>("./draw.ts", import.meta.url),
});
