import { fail } from "node:assert/strict";
import { join, resolve } from "node:path";
import { openSafetensors } from "../../base/safetensors.ts";
import { openEngine } from "../../engine/open.ts";
import { tf } from "../../engine/tf.ts";
import { type ModelConfig, parseModelConfig } from "../../vit/config.ts";
import { type HostTensor, readWeights } from "../../vit/weights.ts";

/** Fixtures made with PyTorch and transformers; see the README there. */
export const GOLDEN = join(import.meta.dirname!, "../fixtures/golden");

/** The same for families of other sizes, with training; see make_families.py there. */
export const FAMILY_FIXTURES = join(import.meta.dirname!, "../fixtures/families");

/** Losses and trainings with more than the defaults; see make_training.py there. */
export const TRAINING_FIXTURES = join(import.meta.dirname!, "../fixtures/training");

// A test that wants another engine has opened it before.
if (!tf.engine().backendName) await openEngine({ name: "auto" });

/** Every tensor of a fixture's file. */
export async function readTensors(...path: string[]): Promise<Map<string, HostTensor>> {
  using file = await openSafetensors(resolve(GOLDEN, ...path));
  return new Map(
    file.names.map((name) => [name, {
      shape: [...file.info(name).shape],
      data: file.float32(name),
    }]),
  );
}

/** A fixture's model, as it stands on disk. @param name A folder of {@linkcode GOLDEN}, or a path. */
export async function readModel(name: string): Promise<{
  config: ModelConfig;
  weights: Map<string, HostTensor>;
}> {
  const path = resolve(GOLDEN, name, "config.json");
  const config = parseModelConfig(JSON.parse(await Deno.readTextFile(path)), path);
  return { config, weights: await readWeights(resolve(GOLDEN, name), config) };
}

/** PyTorch's `[B, C, H, W]` as our `[B, H, W, C]`. */
export function channelsLast({ shape, data }: HostTensor): tf.Tensor4D {
  return tf.tidy(() => tf.tensor(data, shape).transpose([0, 2, 3, 1]));
}

/** Fails with the largest difference if any number is more than `tolerance` from what it should be. */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  if (actual.length !== expected.length) {
    fail(`${what}: ${actual.length} numbers, not ${expected.length}`);
  }
  let [worst, at] = [-1, 0];
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i] - expected[i]);
    if (!(difference <= worst)) [worst, at] = [difference, i];
    if (Number.isNaN(difference)) break;
  }
  if (!(worst <= tolerance)) {
    fail(`${what}: number ${at} is ${actual[at]}, not ${expected[at]} (within ${tolerance})`);
  }
}
