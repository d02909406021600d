import { deepEqual, equal, rejects, throws } from "node:assert/strict";
import { join } from "node:path";
import { UserError } from "../../base/errors.ts";
import { openSafetensors, writeSafetensors } from "../../base/safetensors.ts";
import { PixelBatches } from "../../data/batches.ts";
import { FeatureShards, FeatureWriter, shardName } from "../../data/features.ts";

const GOLDEN = new URL("../fixtures/golden/preprocess/io.safetensors", import.meta.url).pathname;
const AS_IT_IS = { resize: null, rescale_factor: 1, mean: [0, 0, 0], std: [1, 1, 1] };

async function temporary(): Promise<{ path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir();
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** Five images of 1 x 2 pixels; all six values of image i are 10 i to 10 i + 5. */
async function writePool(path: string): Promise<void> {
  const data = Uint8Array.from({ length: 30 }, (_, i) => 10 * Math.floor(i / 6) + i % 6);
  await writeSafetensors(path, {
    images: { dtype: "U8", shape: [5, 1, 2, 3], data },
    labels: { dtype: "I32", shape: [5], data: Int32Array.of(4, 3, 2, 1, 0) },
  });
}

Deno.test("a batch has the images in the order that was asked for", async () => {
  await using folder = await temporary();
  const path = join(folder.path, "pool.safetensors");
  await writePool(path);
  using pool = await PixelBatches.open(path, AS_IT_IS);
  equal(pool.count, 5);
  const { pixels, labels } = pool.read(Int32Array.of(3, 0, 1, 3));
  deepEqual([...pixels.filter((_, i) => i % 6 === 0)], [30, 0, 10, 30]);
  deepEqual([...labels], [1, 4, 3, 1]);
  deepEqual([...pool.readRaw([2])], [20, 21, 22, 23, 24, 25]);
});

Deno.test("a smaller batch uses the memory of a larger one", async () => {
  await using folder = await temporary();
  const path = join(folder.path, "pool.safetensors");
  await writePool(path);
  using pool = await PixelBatches.open(path, AS_IT_IS);
  const large = pool.read([0, 1, 2, 3]).pixels;
  const small = pool.read([4]).pixels;
  equal(small.buffer, large.buffer);
  deepEqual([...small], [40, 41, 42, 43, 44, 45]);
});

Deno.test("images come out resized and normalised", async () => {
  await using folder = await temporary();
  const path = join(folder.path, "pool.safetensors");
  using golden = await openSafetensors(GOLDEN);
  await writeSafetensors(path, {
    images: { dtype: "U8", shape: [2, 32, 32, 3], data: golden.read("raw") },
    labels: { dtype: "I32", shape: [2], data: Int32Array.of(0, 1) },
  });
  using pool = await PixelBatches.open(path, {
    ...AS_IT_IS,
    resize: { height: 64, width: 64, resample: "bicubic" },
  });
  deepEqual(pool.size, { height: 64, width: 64 });
  const expected = golden.read("resize64.bicubic");
  const half = expected.length / 2;
  const { pixels } = pool.read([1, 0]);
  deepEqual([...pixels], [...expected.subarray(half), ...expected.subarray(0, half)]);
});

Deno.test("a number that is not in the pool, and a file that is no pool, are refused", async () => {
  await using folder = await temporary();
  const path = join(folder.path, "pool.safetensors");
  await writePool(path);
  using pool = await PixelBatches.open(path, AS_IT_IS);
  throws(() => pool.read([5]), RangeError);
  const other = join(folder.path, "other.safetensors");
  await writeSafetensors(other, {
    images: { dtype: "U8", shape: [2, 3], data: new Uint8Array(6) },
    labels: { dtype: "I32", shape: [2], data: new Int32Array(2) },
  });
  await rejects(PixelBatches.open(other, AS_IT_IS), (error) => {
    return error instanceof UserError && error.message.includes("images are U8 [2,3]");
  });
});

/** Seven images of 1 x 2 numbers in shards of three: image i is [i + 0.5, -i]. */
async function writeShards(folder: string, dtype: "F16" | "F32"): Promise<string[]> {
  const paths: string[] = [];
  for (let shard = 0; shard < 3; shard++) {
    const images = Math.min(3, 7 - shard * 3);
    const path = join(folder, shardName(shard));
    const writer = await FeatureWriter.create(path, { dtype, images, tokens: 1, width: 2 });
    for (let i = 0; i < images; i++) {
      writer.write(Float32Array.of(shard * 3 + i + 0.5, -(shard * 3 + i)));
    }
    await writer.close();
    paths.push(path);
  }
  return paths;
}

for (const dtype of ["F16", "F32"] as const) {
  Deno.test(`${dtype} features come back in any order, across shards`, async () => {
    await using folder = await temporary();
    const paths = await writeShards(folder.path, dtype);
    equal(paths[2].endsWith("features-00002.safetensors"), true);
    const layout = { dtype, tokens: 1, width: 2, shard: 3, images: 7 };
    using shards = new FeatureShards(paths, layout);
    deepEqual([...await shards.read([6, 0, 1, 5, 2])], [
      6.5,
      -6,
      0.5,
      -0,
      1.5,
      -1,
      5.5,
      -5,
      2.5,
      -2,
    ]);
    deepEqual([...await shards.read(Int32Array.of(4))], [4.5, -4]);
    await rejects(shards.read([7]), RangeError);
  });
}

Deno.test("features are rounded to float16 to nearest, ties to even, down to subnormals", async () => {
  await using folder = await temporary();
  const path = join(folder.path, shardName(0));
  const writer = await FeatureWriter.create(path, { dtype: "F16", images: 1, tokens: 1, width: 6 });
  // Between 1 and 2 the step is 2^-10; below 2^-14 it is 2^-24.
  const step = 2 ** -10;
  writer.write(
    Float32Array.of(1 + step / 2, 1 + 1.5 * step, 1 + 0.51 * step, 65504, 2.4 * 2 ** -24, -1e-9),
  );
  await writer.close();
  using file = await openSafetensors(path);
  deepEqual([...file.float32("features")], [1, 1 + 2 * step, 1 + step, 65504, 2 * 2 ** -24, -0]);
});

Deno.test("an activation beyond float16 is refused with what to do", async () => {
  await using folder = await temporary();
  const writer = await FeatureWriter.create(
    join(folder.path, shardName(0)),
    { dtype: "F16", images: 1, tokens: 1, width: 2 },
  );
  throws(() => writer.write(Float32Array.of(1, -70000)), (error) => {
    return error instanceof UserError && /-70000 as float16/.test(error.message) &&
      /float32/.test(error.hint!);
  });
  writer.abandon();
});

Deno.test("a shard that does not fit the layout is refused with its path", async () => {
  await using folder = await temporary();
  const paths = await writeShards(folder.path, "F16");
  const layout = { dtype: "F16", tokens: 1, width: 2, shard: 3, images: 7 } as const;
  throws(() => new FeatureShards(paths.slice(1), layout), /they take 3/);
  using shards = new FeatureShards(paths, { ...layout, images: 8 });
  await rejects(shards.read([6]), (error) => {
    return error instanceof UserError && error.message.includes(paths[2]);
  });
});
