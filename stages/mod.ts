import { fileURLToPath, pathToFileURL } from "node:url";
import { UserError } from "../base/errors.ts";
import type { Registry, StageDefinition } from "./stage.ts";
import { evaluate } from "./evaluate/mod.ts";
import { freeze } from "./freeze/mod.ts";
import { loadPretrained } from "./load-pretrained/mod.ts";
import { preprocess } from "./preprocess/mod.ts";
import { train } from "./train/mod.ts";
import { visualize } from "./visualize/mod.ts";

/** Every kind of stage that the project brings, in the order of the exercise. */
// deno-lint-ignore no-explicit-any -- a list of stages whose parameters differ
export const STAGES: readonly StageDefinition<any, any>[] = [
  preprocess,
  loadPretrained,
  freeze,
  train,
  evaluate,
  visualize,
];

/** Finds a stage by the word in a config. A stage of the project lies in the folder of its kind. */
export const registry: Registry = {
  kinds: STAGES.map((stage) => stage.kind),
  async load(uses) {
    const own = STAGES.find((stage) => stage.kind === uses);
    if (own) {
      return {
        definition: own,
        module: fileURLToPath(new URL(`./${uses}/mod.ts`, import.meta.url)),
      };
    }
    if (!uses.endsWith(".ts")) return undefined;
    return { definition: await loadModule(uses), module: uses };
  },
};

/** A user's module: what it exports under the name `stage`, or by default. */
async function loadModule(path: string): Promise<StageDefinition> {
  const module = await import(pathToFileURL(path).href);
  const stage = module.stage ?? module.default;
  if (typeof stage?.kind !== "string" || typeof stage.run !== "function") {
    throw new UserError(`Cannot use ${path} as a stage: it exports no "stage" made by defineStage`);
  }
  return stage;
}
