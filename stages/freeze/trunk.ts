import { UserError } from "../../base/errors.ts";
import { hasBfloat16 } from "../../engine/avx.ts";
import { whyCannot } from "../../engine/capabilities.ts";
import type { Engine } from "../../engine/mod.ts";
import type { tf } from "../../engine/tf.ts";
import { Bfloat16Blocks } from "../../vit/bfloat16.ts";
import type { VisionTransformer } from "../../vit/model.ts";
import { hasBfloat16Ops } from "../../vit/ops/bfloat16.ts";
import type { FeaturePlan } from "./plan.ts";

/** The frozen blocks: `[B, T, D]` to `[B, T, D]`. */
export interface Trunk extends Disposable {
  apply(x: tf.Tensor3D): tf.Tensor3D;
}

/** Loads the frozen blocks as the plan has them computed. */
export function openTrunk(vit: VisionTransformer, { prefix, precision }: FeaturePlan): Trunk {
  if (precision === "bfloat16") return new Bfloat16Blocks(vit, prefix.blocks);
  return { apply: (x) => vit.blocks(x, 0, prefix.blocks), [Symbol.dispose]() {} };
}

/**
 * That the engine computes in bfloat16, and the processor too: TensorFlow would do so on any, many
 * times slower than in float32.
 *
 * @param processor Whether it multiplies such numbers.
 * @throws {UserError} if not.
 */
export function requireBfloat16(engine: Engine, processor = hasBfloat16()): void {
  const reason = whyNot(engine, processor);
  if (!reason) return;
  throw new UserError(`Cannot compute the frozen blocks in bfloat16: ${reason}`, {
    hint: "Set precision: float32 in freeze.",
  });
}

function whyNot({ name, device }: Engine, processor: boolean | undefined): string | undefined {
  if (device === "gpu" && name === "tensorflow") {
    return "it is built for processors alone, and the engine runs on a GPU";
  }
  const known = whyCannot("bfloat16 blocks", name, processor);
  if (known) return known;
  if (!hasBfloat16Ops()) return "TensorFlow runs without oneDNN here (TF_ENABLE_ONEDNN_OPTS)";
  return undefined;
}
