import { hasBfloat16 } from "./avx.ts";
import type { EngineName } from "./mod.ts";

/** Something that not every engine can do. */
export type Ability = "bfloat16 blocks" | "low-precision training";

/**
 * What a stage asks of the engine, known when the plan is made. Light: a stage's definition says it.
 */
export interface EngineNeed {
  readonly ability: Ability;
  /** Dotted path of the parameter that asks for it. */
  readonly parameter: string;
  /** What can't be done: "compute the frozen blocks in bfloat16". */
  readonly what: string;
  /** What to do instead, a sentence without a full stop. */
  readonly instead: string;
}

/**
 * Why an engine can't do something, as far as that is known before it is opened: the end of a sentence.
 * Undefined where it can, or where it has to be open to say.
 *
 * @param processor Whether the processor multiplies bfloat16 numbers.
 */
export function whyCannot(
  ability: Ability,
  engine: EngineName,
  processor: boolean | undefined = hasBfloat16(),
): string | undefined {
  if (engine !== "tensorflow") return `the engine ${engine} has no such numbers`;
  if (ability === "low-precision training") return undefined;
  switch (processor) {
    case false:
      return "this processor has neither AVX512-BF16 nor AMX-BF16";
    case undefined:
      return "whether this processor multiplies such numbers can't be asked (Linux x64, glibc 2.33)";
  }
}

/** The engines that `auto` may come to. */
const BY_AUTO: readonly EngineName[] = ["tensorflow", "webgpu", "wasm"];

/** {@linkcode whyCannot} for what `--engine` may name; for `auto` only where no engine can. */
export function whyNoneCan(ability: Ability, engine: EngineName | "auto"): string | undefined {
  if (engine !== "auto") return whyCannot(ability, engine);
  const reasons = BY_AUTO.map((name) => whyCannot(ability, name));
  return reasons.includes(undefined) ? undefined : reasons[0];
}
