import { isAbsolute } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { UserError } from "../base/errors.ts";
import type { Registry, StageDefinition } from "./stage.ts";
import { evaluate } from "./evaluate/mod.ts";
import { freeze } from "./freeze/mod.ts";
import { linearProbe } from "./linear-probe/mod.ts";
import { loadPretrained } from "./load-pretrained/mod.ts";
import { newModel } from "./new-model/mod.ts";
import { preprocess } from "./preprocess/mod.ts";
import { train } from "./train/mod.ts";
import { visualize } from "./visualize/mod.ts";
import { workedExample } from "./worked-example/mod.ts";

/** Every kind of stage that the project brings, in the order of the exercise. */
// deno-lint-ignore no-explicit-any -- a list of stages whose parameters differ
export const STAGES: readonly StageDefinition<any, any>[] = [
  preprocess,
  loadPretrained,
  newModel,
  freeze,
  train,
  linearProbe,
  evaluate,
  visualize,
  workedExample,
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
    return isAbsolute(uses) ? { definition: await loadModule(uses), module: uses } : undefined;
  },
};

/**
 * A user's module: what it exports under the name `stage`, or by default.
 * @throws {UserError} if that is no stage. The sentence is to follow the place that names the module.
 */
async function loadModule(path: string): Promise<StageDefinition> {
  if (!path.endsWith(".ts")) throw new UserError("a stage's module must end in .ts");
  const module = await import(pathToFileURL(path).href);
  const stage = module.stage ?? module.default;
  if (typeof stage !== "object" || stage === null) {
    throw new UserError('it exports no "stage" made by defineStage');
  }
  const wrong = Object.entries(FORM).find(([name, { fits }]) => !fits(stage[name]));
  if (wrong === undefined) return stage;
  const [name, { rule }] = wrong;
  throw new UserError(`"${name}" of the stage that it exports ${rule}`);
}

/** What a definition needs, checked where no compiler has: a config names any module. */
const FORM: Readonly<Record<string, { fits(value: unknown): boolean; rule: string }>> = {
  kind: {
    fits: (value) => typeof value === "string" && STAGES.every(({ kind }) => kind !== value),
    rule: `must be a word that is none of ${STAGES.map(({ kind }) => kind).join(", ")}`,
  },
  params: {
    fits: (value) => typeof (value as { safeParse?: unknown } | null)?.safeParse === "function",
    rule: "must be a zod schema",
  },
  inputs: { fits: isInputs, rule: "must be a map from role to the kind that it is read from" },
  run: { fits: isFunction, rule: "must be a function that loads its work" },
  draw: { fits: isFunctionOrNone, rule: "must be a function that loads its figures" },
  findings: { fits: isFunctionOrNone, rule: "must be a function that loads its findings" },
  complete: { fits: isFunctionOrNone, rule: "must be a function" },
  files: { fits: isFunctionOrNone, rule: "must be a function" },
};

function isInputs(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).every((input) => {
    const from = typeof input === "string" ? [input] : input?.from;
    return Array.isArray(from) && from.every((kind) => typeof kind === "string");
  });
}

function isFunction(value: unknown): boolean {
  return typeof value === "function";
}

function isFunctionOrNone(value: unknown): boolean {
  return value === undefined || isFunction(value);
}
