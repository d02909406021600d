import { join } from "node:path";
import { exists } from "../../base/exists.ts";
import type { Preprocessor } from "../../data/preprocessor.ts";
import type { Size } from "../../data/resample.ts";

/**
 * What is taken for granted of a checkpoint that does not say how images are made for it, in one
 * line. Undefined where it says so itself.
 */
export function sayAssumed(
  { folder, preprocessor, size }: { folder: string; preprocessor: Preprocessor; size: Size },
): string | undefined {
  if (exists(join(folder, "preprocessor_config.json"))) return undefined;
  const { resample, mean, std } = preprocessor;
  return `warning: the model has no preprocessor_config.json: assumed are ${size.height}x` +
    `${size.width} pixels, ${resample}, mean ${mean.join(", ")}, deviation ${std.join(", ")}`;
}
