import { z } from "zod";
import { lazily } from "../../base/lazy.ts";
import { defineStage } from "../../stages/stage.ts";

const params = z.strictObject({
  neighbours: z.int().min(1).max(200).default(20).describe("How many training images vote at most"),
});
export type NeighbourParams = z.infer<typeof params>;

/** Asks how well the frozen trunk tells the classes apart, before anything is trained. */
export const stage = defineStage({
  kind: "nearest-neighbours",
  summary: "Classifies validation images by the most similar training images",
  params,
  inputs: { data: "preprocess", frozen: "freeze" },
  run: lazily<typeof import("./run.ts")>("./run.ts", import.meta.url),
  draw: lazily<typeof import("./draw.ts")>("./draw.ts", import.meta.url),
});
