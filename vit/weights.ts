import { join } from "node:path";
import { UserError } from "../base/errors.ts";
import { random } from "../base/random.ts";
import { openSafetensors, type SafetensorsFile } from "../base/safetensors.ts";
import { findWeights } from "../base/weight_files.ts";
import type { ModelConfig } from "./config.ts";
import type { HostTensor } from "./host_tensor.ts";
import { parametersOf, partOf, sizeOf } from "./parameters.ts";

export type { HostTensor } from "./host_tensor.ts";

/** The pooler after the class token, and the token of masked pretraining. */
const UNUSED = /^vit\.(pooler\.|embeddings\.mask_token$)/;

/**
 * Reads the weights of a model folder: `model.safetensors`, or shards with an index. Half-precision
 * weights are widened. Names without `vit.` (a backbone's) get it, so that what is built on them is
 * a classifier's checkpoint. A head is returned only where the files have one.
 *
 * @param folder Holds the files.
 * @param config Says which tensors there must be, and their shapes.
 * @param warn Told of tensors that are left aside, the pooler for one, and of dropout.
 * @returns Tensors by name.
 * @throws {UserError} naming tensors that are missing, left over or of another shape.
 */
export async function readWeights(
  folder: string,
  config: ModelConfig,
  warn: (text: string) => void = () => {},
): Promise<Map<string, HostTensor>> {
  const files = await openFiles(folder);
  try {
    const places = new Map<string, { file: SafetensorsFile; as: string }>();
    const aside: string[] = [];
    for (const file of files) {
      for (const as of file.names) {
        const name = /^(vit|classifier)\./.test(as) ? as : `vit.${as}`;
        if (UNUSED.test(name)) aside.push(as);
        else if (places.has(name)) check(folder, "has twice", [as]);
        else places.set(name, { file, as });
      }
    }
    if (aside.length > 0) {
      warn(`Left aside, as a classifier does not use them: ${aside.join(", ")}`);
    }
    if (config.dropout > 0) {
      warn(`Dropout of ${config.dropout}, as config.json has it, is not applied in training`);
    }
    const headless = !["classifier.weight", "classifier.bias"].some((name) => places.has(name));
    const expected = parametersOf(config)
      .filter(({ part }) => !(headless && part === "head"));
    check(folder, "lacks", expected.filter(({ name }) => !places.has(name)).map((e) => e.name));
    const known = new Set(expected.map(({ name }) => name));
    const leftOver = [...places.keys()].filter((name) => !known.has(name));
    check(folder, "has, beyond what its config.json describes,", leftOver);
    const weights = new Map<string, HostTensor>();
    for (const { name, shape } of expected) {
      const { file, as } = places.get(name)!;
      const found = file.info(as).shape;
      if (found.join() !== shape.join()) {
        throw new UserError(
          `Cannot use the model in ${folder}: ${as} is [${found.join(", ")}], ` +
            `its config.json makes it [${shape.join(", ")}]`,
        );
      }
      weights.set(name, { shape: [...shape], data: file.float32(as) });
    }
    return weights;
  } finally {
    for (const file of files) file[Symbol.dispose]();
  }
}

/**
 * A new head: weights from a normal distribution with the model's initializer_range, bias 0.
 *
 * @param config Of the model; its labels do not count.
 * @param classes How many it shall tell apart.
 * @param seed Decides the numbers (stream "head").
 */
export function newHead(
  config: ModelConfig,
  classes: number,
  seed: number,
): Map<string, HostTensor> {
  const generator = random(seed, "head");
  const shape = [classes, config.hiddenSize];
  const data = Float32Array.from(
    { length: sizeOf(shape) },
    () => config.initializerRange * generator.normal(),
  );
  return new Map([
    ["classifier.weight", { shape, data }],
    ["classifier.bias", { shape: [classes], data: new Float32Array(classes) }],
  ]);
}

/** Whether these weights have a head. */
export function hasHead(weights: ReadonlyMap<string, HostTensor>): boolean {
  return [...weights.keys()].some((name) => partOf(name) === "head");
}

async function openFiles(folder: string): Promise<SafetensorsFile[]> {
  const files: SafetensorsFile[] = [];
  try {
    for (const name of findWeights(folder).weights) {
      files.push(await openSafetensors(join(folder, name)));
    }
    return files;
  } catch (error) {
    for (const file of files) file[Symbol.dispose]();
    throw error;
  }
}

/** Throws naming the first few of `names`, if there are any. */
function check(folder: string, what: string, names: string[]): void {
  if (names.length === 0) return;
  const shown = names.slice(0, 3).join(", ");
  const rest = names.length > 3 ? ` and ${names.length - 3} more` : "";
  throw new UserError(`Cannot use the model in ${folder}: it ${what} ${shown}${rest}`, {
    hint: "config.json and the weights must be those of one ViT",
  });
}
