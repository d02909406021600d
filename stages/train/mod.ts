import { lazily } from "../../base/lazy.ts";
import { defineStage } from "../stage.ts";
import { completeTrain } from "./complete.ts";
import { drawsAtRandom, params } from "./params.ts";

export { params, type TrainParams } from "./params.ts";

/** Fine-tunes what is not frozen. */
export const train = defineStage({
  kind: "train",
  summary: "Fine-tunes what is not frozen and measures both accuracies after each epoch",
  params,
  inputs: {
    data: "preprocess",
    model: { from: ["load-pretrained", "new-model"] },
    frozen: { from: ["freeze"], optional: true },
  },
  usesSeed: drawsAtRandom,
  complete: completeTrain,
  asks: ({ precision }) =>
    precision === "float32" ? [] : [{
      ability: "low-precision training",
      parameter: "precision",
      what: `train in ${precision}`,
      instead: "set precision: float32 in train",
    }],
  run: lazily<typeof import("./run.ts")>("./run.ts", import.meta.url),
  draw: lazily<typeof import("./draw.ts")>("./draw.ts", import.meta.url),
  findings: lazily<typeof import("./findings.ts")>("./findings.ts", import.meta.url),
});
