import { join } from "node:path";
import { random } from "../../base/random.ts";
import { openSafetensors, writeSafetensors } from "../../base/safetensors.ts";
import { findWeights, WEIGHTS, WEIGHTS_INDEX } from "../../base/weight_files.ts";
import { mutateBytes, pick } from "./bytes.ts";
import { mutateJson } from "./json.ts";
import { mutateSafetensors } from "./safetensors.ts";
import type { Damaged, Subject } from "./subject.ts";

const GOLDEN = join(import.meta.dirname!, "../fixtures/golden");
const FLOATS = ["F32", "F16", "BF16", "F64"];

/** One file, or one of several shards, or their index; all of their tensors are then read. */
export async function prepare(folder: string): Promise<Subject> {
  const [single, sharded] = [join(folder, "single"), join(folder, "sharded")];
  await Deno.mkdir(single);
  await Deno.mkdir(sharded);
  const shards = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const { name } of Deno.readDirSync(join(GOLDEN, "vit-sharded"))) {
    if (!name.startsWith("model")) continue;
    shards.set(name, await Deno.readFile(join(GOLDEN, "vit-sharded", name)));
    await Deno.copyFile(join(GOLDEN, "vit-sharded", name), join(sharded, name));
  }
  const whole = [
    ...await smallFiles(folder),
    await Deno.readFile(join(GOLDEN, "vit/model.safetensors")),
    await Deno.readFile(join(GOLDEN, "vit-bf16/model.safetensors")),
    await Deno.readFile(join(GOLDEN, "vit-f16/model.safetensors")),
  ];
  let last: string | undefined;

  const put = async (content: Uint8Array, file: string): Promise<Damaged> => {
    // What was damaged before is made whole.
    if (last !== undefined) await Deno.writeFile(join(sharded, last), shards.get(last)!);
    last = undefined;
    if (file === WEIGHTS) {
      await Deno.writeFile(join(single, file), content);
      return { file, content, names: [join(single, file)], bytes: content.length };
    }
    last = file;
    await Deno.writeFile(join(sharded, file), content);
    const others = [...shards.values()].reduce((sum, shard) => sum + shard.length, 0);
    return { file, content, names: [sharded], bytes: content.length + others };
  };

  return {
    whole: [
      ...whole.map((content) => ({ file: WEIGHTS, content })),
      ...[...shards].map(([file, content]) => ({ file, content })),
    ],
    async write(seed) {
      const draw = random(seed, "damaged safetensors");
      if (draw.below(3) > 0) {
        const content = mutateSafetensors(pick(draw, whole), draw, pick(draw, whole));
        return await put(content, WEIGHTS);
      }
      const file = pick(draw, [...shards.keys()].sort());
      const bytes = shards.get(file)!;
      if (file !== WEIGHTS_INDEX) return await put(mutateSafetensors(bytes, draw, whole[0]), file);
      const text = mutateJson(new TextDecoder().decode(bytes), draw);
      const content = new TextEncoder().encode(text);
      return await put(draw.below(2) === 0 ? content : mutateBytes(bytes, draw), file);
    },
    writeContent: put,
    async read({ file }) {
      const place = file === WEIGHTS ? single : sharded;
      for (const name of findWeights(place).weights) {
        using opened = await openSafetensors(join(place, name));
        for (const tensor of opened.names) {
          const { dtype, shape, bytes } = opened.info(tensor);
          if (opened.read(tensor).length !== bytes) throw new Error("read another length");
          if (FLOATS.includes(dtype)) opened.float32(tensor);
          if (shape.length > 0) opened.rowsSync(tensor, 0, shape[0]);
        }
      }
    },
  };
}

/** Files whose header is most of them, with every width of number. */
async function smallFiles(folder: string): Promise<Uint8Array<ArrayBuffer>[]> {
  const path = join(folder, "small.safetensors");
  const files: Uint8Array<ArrayBuffer>[] = [];
  for (const count of [0, 1, 3]) {
    const tensors = {
      a: { dtype: "F64", shape: [count], data: new Float64Array(count) },
      b: { dtype: "I32", shape: [count, 2], data: new Int32Array(2 * count) },
      "c.ü": { dtype: "BF16", shape: [], data: new Uint16Array(1) },
      d: { dtype: "U8", shape: [1, count, 3], data: new Uint8Array(3 * count) },
    } as const;
    await writeSafetensors(path, tensors, count === 1 ? { format: "pt" } : undefined);
    files.push(await Deno.readFile(path));
  }
  return files;
}
