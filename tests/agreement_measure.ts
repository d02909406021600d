/**
 * Measures how far one engine's numbers are from PyTorch's on every fixture, and prints them as JSON:
 * `agreement_measure.ts tensorflow|wasm|webgpu`. A process has one engine.
 */
import { join } from "node:path";
import type { EngineName } from "../engine/mod.ts";
import { openEngine } from "../engine/open.ts";
import type { TrajectoryRun } from "./end-to-end/trajectories.ts";
import type { Differences } from "./vit/differences.ts";

/** Models of the golden fixtures (width 32, four blocks, four heads), by folder. */
export const MODELS: Readonly<Record<string, string>> = {
  vit: "ViT",
  "vit-f16": "ViT, weights in float16",
  "vit-bf16": "ViT, weights in bfloat16",
  "vit-sharded": "ViT, several files with an index",
  "vit-nobias-gelunew": "ViT, no bias of query, key and value; gelu_new; epsilon 1e-6",
  "vit-backbone": "ViT, backbone without a head",
  deit: "DeiT",
  "deit-teacher": "DeiT, mean of two heads",
  dinov2: "DINOv2",
  "dinov2-swiglu": "DINOv2, SwiGLU",
  "dinov2-registers": "DINOv2 with registers",
};

/** Models of the families' fixtures (width 18, three blocks, three heads), by folder. */
export const FAMILIES: Readonly<Record<string, string>> = {
  vit: "ViT",
  deit: "DeiT, relu",
  "deit-teacher": "DeiT, mean of two heads, no bias, gelu_new",
  dinov2: "DINOv2, no bias",
  "dinov2-swiglu": "DINOv2, SwiGLU, no mask token",
  "dinov2-registers": "DINOv2 with registers, SwiGLU",
};

/** What one engine's numbers are worth. */
export interface Measured {
  /** As the engine describes itself. */
  readonly engine: string;
  /** By model; `output` is logits, or the last hidden state. */
  readonly forward: readonly Differences[];
  /** By family; of losses, norms and weights the worst of three trainings. */
  readonly families: readonly Differences[];
  readonly runs: readonly TrajectoryRun[];
}

if (import.meta.main) {
  const name = Deno.args[0] as EngineName;
  const { description } = await openEngine({ name });
  console.log(JSON.stringify({ engine: description, ...await measure(name) }));
}

async function measure(engine: EngineName): Promise<Omit<Measured, "engine">> {
  // Reads fixtures by the engine that is open.
  const { compareForward, compareResized, compareTraining, TRAININGS } = await import(
    "./vit/differences.ts"
  );
  const { FAMILY_FIXTURES } = await import("./vit/golden.ts");
  const { runTrajectories } = await import("./end-to-end/trajectories.ts");
  const forward: Differences[] = [];
  for (const folder of Object.keys(MODELS)) {
    const { hidden_states, attentions, logits, last_hidden_state } = await compareForward(folder);
    forward.push({ hidden_states, attentions, output: logits ?? last_hidden_state });
  }
  const families: Differences[] = [];
  for (const name of Object.keys(FAMILIES)) {
    const family = await compareForward(join(FAMILY_FIXTURES, name));
    family.larger = await compareResized(name, "larger");
    family.smaller = await compareResized(name, "smaller");
    for (const training of Object.keys(TRAININGS) as (keyof typeof TRAININGS)[]) {
      const from = training === "all" ? "pixels" : "activations";
      for (const [key, difference] of Object.entries(await compareTraining(name, training, from))) {
        family[key] = Math.max(family[key] ?? 0, difference);
      }
    }
    families.push(family);
  }
  // Rounding to float16 on the way through the disk has nothing to do with the engine.
  const features = engine === "tensorflow" ? ["off", "float32", "float16"] : ["float32"];
  return { forward, families, runs: await runTrajectories(features, engine) };
}
