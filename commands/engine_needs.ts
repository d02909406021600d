import { lazily } from "../base/lazy.ts";
import { whyNoneCan } from "../engine/capabilities.ts";
import type { EngineName } from "../engine/mod.ts";
import { placeOf } from "../pipeline/places.ts";
import { ConfigProblems, ProblemList } from "../pipeline/problems.ts";
import type { Plan } from "../pipeline/types.ts";

/**
 * Refuses what the engine can't do, before any stage runs, at the parameter that asks for it. What is
 * in place already is no reason: another engine made it, and it is read on any.
 *
 * @param engine What `--engine` names.
 * @param fresh Names of the stages of a plan that a run would find in place. Asked only where something
 * may have to be refused.
 * @throws {ConfigProblems} with all of it.
 */
export async function refuseWhatNoEngineDoes(
  plans: readonly Plan[],
  engine: EngineName | "auto",
  fresh: (plan: Plan) => Promise<ReadonlySet<string>>,
): Promise<void> {
  const problems = new ProblemList();
  for (const plan of plans) {
    const missing = plan.stages.flatMap((stage) =>
      (stage.definition.asks?.(stage.params) ?? []).flatMap((need) => {
        const reason = whyNoneCan(need.ability, engine);
        return reason === undefined ? [] : [{ stage: stage.name, need, reason }];
      })
    );
    if (missing.length === 0) continue;
    const inPlace = await fresh(plan);
    for (const { stage, need, reason } of missing) {
      if (inPlace.has(stage)) continue;
      const message = `Cannot ${need.what}: ${reason}; ${need.instead}`;
      problems.add(placeOf(plan, stage, need.parameter), message);
    }
  }
  if (problems.size > 0) throw new ConfigProblems(problems.sorted());
}

const WEBGPU = lazily<typeof import("../engine/webgpu_adapter.ts")>(
  "../engine/webgpu_adapter.ts",
  import.meta.url,
);

/**
 * Refuses the engine webgpu where it finds no adapter, before any stage runs: the first stage that
 * computes may come long after the first. Where nothing has to run no adapter is looked for.
 *
 * @param fresh As of {@linkcode refuseWhatNoEngineDoes}.
 * @throws {UserError}
 */
export async function refuseWithoutAdapter(
  plans: readonly Plan[],
  engine: EngineName | "auto",
  fresh: (plan: Plan) => Promise<ReadonlySet<string>>,
): Promise<void> {
  if (engine !== "webgpu") return;
  for (const plan of plans) {
    const inPlace = await fresh(plan);
    if (plan.stages.every(({ name }) => inPlace.has(name))) continue;
    await (await WEBGPU()).requireAdapter();
    return;
  }
}
