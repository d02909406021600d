import { join } from "node:path";
import { z } from "zod";
import { messageOf, UserError } from "../base/errors.ts";
import { random } from "../base/random.ts";
import { openSafetensors, type SafetensorsFile } from "../base/safetensors.ts";
import type { ModelConfig } from "./config.ts";
import type { HostTensor } from "./host_tensor.ts";
import { parametersOf, partOf, sizeOf } from "./parameters.ts";

export type { HostTensor } from "./host_tensor.ts";

const FILE = "model.safetensors";
const INDEX = `${FILE}.index.json`;

/** The pooler after the class token, and the token of masked pretraining. */
const UNUSED = /^vit\.(pooler\.|embeddings\.mask_token$)/;

/** A weight map may name files of its own folder only: a path could lead anywhere. */
const fileName = z.string().regex(/^[^/\\\0]+$/, "must be a file name, not a path").refine(
  (name) => name !== "." && name !== "..",
  "must be a file name, not a path",
);
const indexSchema = z.looseObject({ weight_map: z.record(z.string(), fileName) });

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
    for (const name of await fileNames(folder)) {
      files.push(await openSafetensors(join(folder, name)));
    }
    return files;
  } catch (error) {
    for (const file of files) file[Symbol.dispose]();
    throw error;
  }
}

async function fileNames(folder: string): Promise<string[]> {
  const there = new Set<string>();
  try {
    for await (const { name } of Deno.readDir(folder)) there.add(name);
  } catch (cause) {
    throw new UserError(`Cannot read the model folder ${folder}: ${messageOf(cause)}`, { cause });
  }
  if (there.has(FILE)) return [FILE];
  if (!there.has(INDEX)) {
    const pickle = [...there].find((name) => /\.(bin|pt|pth|ckpt)$/.test(name));
    throw new UserError(
      `Cannot find weights in ${folder}: it has no ${FILE}${pickle ? `, only ${pickle}` : ""}`,
      {
        hint: pickle
          ? "Pickled weights can run code and are not read. Convert them in Python: " +
            'ViTForImageClassification.from_pretrained("…").save_pretrained("…")'
          : undefined,
      },
    );
  }
  const path = join(folder, INDEX);
  let json: unknown;
  try {
    json = JSON.parse(await Deno.readTextFile(path));
  } catch (cause) {
    throw new UserError(`Cannot read ${path}: ${messageOf(cause)}`, { cause });
  }
  const index = indexSchema.safeParse(json);
  if (!index.success) {
    const { path: key, message } = index.error.issues[0];
    throw new UserError(`Cannot use ${key.join(".") || "the content"} of ${path}: ${message}`);
  }
  const shards = [...new Set(Object.values(index.data.weight_map))].sort();
  const absent = shards.find((name) => !there.has(name));
  if (absent) throw new UserError(`Cannot read the model in ${folder}: ${absent} is missing`);
  return shards;
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
