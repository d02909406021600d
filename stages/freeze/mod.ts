import { z } from "zod";
import { lazily } from "../../base/lazy.ts";
import { defineStage, type PlanView } from "../stage.ts";
import { refuseBaselines } from "../vit_only.ts";
import { readModel } from "../load-pretrained/locate.ts";
import { needsFloat32 } from "./precision.ts";

export const params = z.strictObject({
  embeddings: z.boolean().default(true).describe("Freeze the patch and position embeddings"),
  blocks: z.int().min(0).optional()
    .describe("How many of the lowest blocks are frozen; default: all but the top two"),
  features: z.enum(["off", "float16", "float32"]).default("float16")
    .describe("Number type in which the activations of the frozen part are kept, computed once"),
  precision: z.enum(["float32", "bfloat16"]).default("float32").describe(
    "Number type of the frozen blocks' matrix products where those activations are computed; " +
      "bfloat16 took 0.75 (model in the box) to 0.56 (ViT-B/16) of float32's time, moved activations " +
      "by 0.3 to 0.6% of their deviation and test accuracy by less than the seed does, and takes a " +
      "processor with AVX512-BF16 or AMX-BF16",
  ),
});
export type FreezeParams = z.infer<typeof params>;

/** Says what stays as it is, and computes once what follows from that. */
export const freeze = defineStage({
  kind: "freeze",
  summary: "Freezes the lower layers and computes their activations once",
  params,
  inputs: { data: "preprocess", model: { from: ["load-pretrained", "new-model"] } },
  // Its shards: only where the frozen part is an unbroken prefix are there any.
  parts: ({ features, embeddings }) => features !== "off" && embeddings,
  async complete(params: FreezeParams, view: PlanView): Promise<FreezeParams> {
    refuseBaselines(view, "has no blocks to freeze");
    const known = await Promise.all([
      ...view.related("load-pretrained").map(({ params }) => blocksOf(String(params.model), view)),
      ...view.related("new-model").map(({ params }) => params.blocks as number | undefined),
    ]);
    for (const blocks of known) {
      if (blocks === undefined) continue; // its own stage reports a model that can't be read
      params = { ...params, blocks: params.blocks ?? Math.max(0, blocks - 2) };
      if (params.blocks! > blocks) {
        const has = blocks === 1 ? "1 block" : `${blocks} blocks`;
        const rest = Math.max(0, blocks - 2);
        view.problem(
          "blocks",
          `Cannot use ${params.blocks} for "blocks" in "freeze": the model has ${has}; ` +
            `leave it out or set null for ${rest}, all but the top two`,
        );
      }
    }
    const reason = params.precision === "bfloat16" && needsFloat32(params, view);
    if (reason) view.problem("precision", `Cannot use bfloat16 for "precision": ${reason}`);
    return params;
  },
  asks: ({ precision }) =>
    precision === "bfloat16"
      ? [{
        ability: "bfloat16 blocks",
        parameter: "precision",
        what: "compute the frozen blocks in bfloat16",
        instead: "set precision: float32 in freeze",
      }]
      : [],
  run: lazily<typeof import("./run.ts")>("./run.ts", import.meta.url),
  draw: lazily<typeof import("./draw.ts")>("./draw.ts", import.meta.url),
});

async function blocksOf(model: string, view: PlanView): Promise<number | undefined> {
  try {
    return (await readModel(model, view)).config.blocks;
  } catch {
    return undefined;
  }
}
