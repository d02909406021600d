import { join } from "node:path";
import { UserError } from "../../base/errors.ts";
import { random } from "../../base/random.ts";
import { openSafetensors } from "../../base/safetensors.ts";
import type { HostTensor } from "../host_tensor.ts";
import { sizeOf } from "../parameters.ts";
import type { BaselineConfig } from "./config.ts";
import { baselineParameters } from "./parameters.ts";

/**
 * Draws a new network as PyTorch does for each kind of layer ({@linkcode baselineParameters}).
 * @param seed Decides the numbers; each tensor has a stream of its own.
 */
export function newBaseline(config: BaselineConfig, seed: number): Map<string, HostTensor> {
  return new Map(
    baselineParameters(config).map(({ name, shape, initial }): [string, HostTensor] => {
      const data = new Float32Array(sizeOf(shape));
      if ("value" in initial) data.fill(initial.value);
      else {
        const generator = random(seed, `new ${name}`);
        data.forEach((_, i) => data[i] = initial.bound * (2 * generator.uniform() - 1));
      }
      return [name, { shape: [...shape], data }];
    }),
  );
}

/**
 * Reads the weights of a baseline's folder.
 * @throws {UserError} naming a tensor that is missing, left over or of another shape.
 */
export async function readBaselineWeights(
  folder: string,
  config: BaselineConfig,
): Promise<Map<string, HostTensor>> {
  const path = join(folder, "model.safetensors");
  using file = await openSafetensors(path);
  const left = new Set(file.names);
  const weights = new Map<string, HostTensor>();
  for (const { name, shape } of baselineParameters(config)) {
    const found = left.delete(name) ? file.info(name).shape.join(", ") : undefined;
    if (found !== shape.join(", ")) {
      const what = found === undefined ? `it lacks ${name}` : `${name} is [${found}]`;
      throw new UserError(
        `Cannot use ${path}: ${what}; its config.json makes it [${shape.join(", ")}]`,
      );
    }
    weights.set(name, { shape: [...shape], data: file.float32(name) });
  }
  if (left.size === 0) return weights;
  throw new UserError(
    `Cannot use ${path}: it has, beyond what its config.json describes, ${[...left][0]}`,
  );
}
