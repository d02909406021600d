import { z } from "zod";
import { defineStage } from "../../../stages/stage.ts";

/** What `freeze` computes, in shards of a few images: a few hundred make many of them. */
export const stage = defineStage({
  kind: "small-shards",
  summary: "Computes the activations of the frozen blocks in small shards",
  params: z.strictObject({}),
  parts: true,
  inputs: { data: "preprocess", model: "load-pretrained" },
  run: () => import("./run.ts"),
});
