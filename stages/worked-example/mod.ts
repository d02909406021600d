import { lazily } from "../../base/lazy.ts";
import { defineStage } from "../stage.ts";
import { checkParams } from "./complete.ts";
import { params, type WorkedExampleParams } from "./params.ts";

/** The theory by hand: patches, attention, and three families of networks compared. */
export const workedExample = defineStage<WorkedExampleParams, never, "measured">({
  kind: "worked-example",
  summary: "Works out patches and attention by hand, and compares CNN, RNN and Transformer",
  params,
  inputs: { measured: { from: ["evaluate"], optional: true, many: true } },
  complete: checkParams,
  run: lazily<typeof import("./run.ts")>("./run.ts", import.meta.url),
  draw: lazily<typeof import("./draw.ts")>("./draw.ts", import.meta.url),
});
