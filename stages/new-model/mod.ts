import { lazily } from "../../base/lazy.ts";
import { defineStage } from "../stage.ts";
import { completeNewModel } from "./complete.ts";
import { params } from "./params.ts";

export { type NewModelParams, params } from "./params.ts";

/** A network with random weights, in the place of a pretrained one. */
export const newModel = defineStage({
  kind: "new-model",
  summary: "Makes an untrained Vision Transformer, CNN or RNN for the classes",
  params,
  inputs: { data: "preprocess" },
  usesSeed: true,
  complete: completeNewModel,
  run: lazily<typeof import("./run.ts")>("./run.ts", import.meta.url),
  draw: lazily<typeof import("./draw.ts")>("./draw.ts", import.meta.url),
});
