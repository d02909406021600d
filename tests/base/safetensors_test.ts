import { deepStrictEqual as equal, rejects, strictEqual, throws } from "node:assert/strict";
import { join } from "node:path";
import { UserError } from "../../base/errors.ts";
import { openSafetensors, SafetensorsWriter, writeSafetensors } from "../../base/safetensors.ts";

const GOLDEN = join(import.meta.dirname!, "../fixtures/golden");

/** A file of a given header and as many bytes 0, 1, 2, … of data. */
async function forged(folder: string, header: string | Uint8Array, data = 0, length?: bigint) {
  const json = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + json.length + data);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(json.length), true);
  bytes.set(json, 8);
  for (let i = 0; i < data; i++) bytes[8 + json.length + i] = i;
  const path = join(folder, "forged.safetensors");
  await Deno.writeFile(path, bytes);
  return path;
}

async function withFolder(body: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const entry = (dtype: string, shape: string, begin: number, end: number) =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":[${begin},${end}]}`;

Deno.test("reads a file that Python's safetensors wrote", async () => {
  using file = await openSafetensors(join(GOLDEN, "preprocess/io.safetensors"));
  equal(file.info("raw_90x61").shape, [90, 61, 3]);
  strictEqual(file.info("raw_90x61").dtype, "U8");
  strictEqual(file.read("raw").length, 2 * 32 * 32 * 3);
  using vit = await openSafetensors(join(GOLDEN, "vit/model.safetensors"));
  equal(vit.metadata, { format: "pt" });
});

Deno.test("half-precision numbers are widened as the standards say", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "x.safetensors");
    await writeSafetensors(path, {
      f16: {
        dtype: "F16",
        shape: [5],
        data: Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7bff, 0xfc00),
      },
      bf16: { dtype: "BF16", shape: [3], data: Uint16Array.of(0x3f80, 0xc049, 0x7f80) },
      f64: { dtype: "F64", shape: [2], data: Float64Array.of(1 / 3, -0) },
      f32: { dtype: "F32", shape: [], data: Float32Array.of(2.5) },
      i64: { dtype: "I64", shape: [1], data: BigInt64Array.of(-1n) },
    });
    using file = await openSafetensors(path);
    equal([...file.float32("f16")], [1, -2, 2 ** -24, 65504, -Infinity]);
    equal([...file.float32("bf16")], [1, -3.140625, Infinity]);
    equal([...file.float32("f64")], [Math.fround(1 / 3), -0]);
    equal([...file.float32("f32")], [2.5]);
    throws(() => file.float32("i64"), UserError);
    throws(() => file.read("absent"), /absent/);
  });
});

Deno.test("the bytes on disk do not depend on the order or the pieces in which they came", async () => {
  await withFolder(async (folder) => {
    const [a, b] = [join(folder, "a"), join(folder, "b")];
    const x = Float32Array.of(1, 2, 3, 4, 5, 6);
    const y = Uint8Array.of(7, 8, 9);
    await writeSafetensors(a, {
      y: { dtype: "U8", shape: [3], data: y },
      x: { dtype: "F32", shape: [3, 2], data: x },
    }, { format: "pt" });
    const writer = await SafetensorsWriter.create(b, {
      x: { dtype: "F32", shape: [3, 2] },
      y: { dtype: "U8", shape: [3] },
    }, { format: "pt" });
    writer.write("x", x.subarray(0, 1));
    writer.write("y", y.subarray(0, 2));
    writer.write("x", x.subarray(1));
    throws(() => writer.write("y", new Uint8Array(2)), /1 to go/);
    writer.write("y", y.subarray(2));
    await writer.close();
    const header = '{"__metadata__":{"format":"pt"},' +
      '"x":{"dtype":"F32","shape":[3,2],"data_offsets":[0,24]},' +
      '"y":{"dtype":"U8","shape":[3],"data_offsets":[24,27]}}';
    const bytes = await Deno.readFile(a);
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    strictEqual(length % 8, 0);
    strictEqual(new TextDecoder().decode(bytes.subarray(8, 8 + length)).trimEnd(), header);
    equal(await Deno.readFile(b), bytes);
  });
});

Deno.test("a writer that was given too little says so and names the tensor", async () => {
  await withFolder(async (folder) => {
    const writer = await SafetensorsWriter.create(join(folder, "a"), {
      x: { dtype: "F32", shape: [2] },
    });
    writer.write("x", Float32Array.of(1));
    await rejects(writer.close(), /"x" is 4 bytes short/);
  });
});

Deno.test("rows are read by range, in order and out of order", async () => {
  await withFolder(async (folder) => {
    const path = await forged(folder, `{"x":${entry("U16", "[4,3]", 0, 24)}}`, 24);
    using file = await openSafetensors(path);
    equal([...file.rowsSync("x", 1, 2)], [6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]);
    equal([...file.rowsSync("x", 3, 1)], [18, 19, 20, 21, 22, 23]);
    const into = new Uint8Array(30);
    equal([...file.rowsAtSync("x", [3, 0, 1], into)], [
      ...[18, 19, 20, 21, 22, 23],
      ...[0, 1, 2, 3, 4, 5],
      ...[6, 7, 8, 9, 10, 11],
    ]);
    equal([...into.subarray(18)], Array(12).fill(0));
    equal([...file.rowsSync("x", 4, 0)], []);
    for (const [first, count] of [[3, 2], [-1, 1], [0.5, 1]]) {
      throws(() => file.rowsSync("x", first, count), RangeError);
    }
    throws(() => file.rowsAtSync("x", [4]), RangeError);
    throws(() => file.rowsSync("x", 0, 4, new Uint8Array(23)), RangeError);
  });
});

const FORGERIES: Record<string, [header: string, data: number, length?: bigint]> = {
  "a header longer than the file": ["{}", 0, 1n << 40n],
  "a header longer than a number holds": ["{}", 0, (1n << 64n) - 1n],
  "a header of no bytes": ["{}", 0, 0n],
  "a header that is no JSON": ["{'x'}", 0],
  "a header that is an array": ["[1,2]", 0],
  "a number type that does not exist": [`{"x":${entry("F33", "[1]", 0, 4)}}`, 4],
  "a number type that every object has": [`{"x":${entry("toString", "[1]", 0, 4)}}`, 4],
  "a shape that is not whole": [`{"x":${entry("F32", "[0.5]", 0, 2)}}`, 2],
  "a negative shape": [`{"x":${entry("F32", "[-1,-1]", 0, 4)}}`, 4],
  "a shape whose product overflows": [`{"x":${entry("F32", "[4294967296,4294967296]", 0, 0)}}`, 0],
  "offsets that are not the shape's size": [`{"x":${entry("F32", "[2]", 0, 4)}}`, 4],
  "offsets beyond the end": [`{"x":${entry("F32", "[2]", 0, 8)}}`, 4],
  "offsets that run backwards": [`{"x":${entry("F32", "[1]", 4, 0)}}`, 4],
  "an overlap": [`{"x":${entry("U8", "[4]", 0, 4)},"y":${entry("U8", "[4]", 2, 6)}}`, 6],
  "the same range twice": [`{"x":${entry("U8", "[4]", 0, 4)},"y":${entry("U8", "[4]", 0, 4)}}`, 4],
  "a gap": [`{"x":${entry("U8", "[1]", 0, 1)},"y":${entry("U8", "[1]", 2, 3)}}`, 3],
  "a gap at the front": [`{"x":${entry("U8", "[1]", 1, 2)}}`, 2],
  "bytes that nothing owns": [`{"x":${entry("U8", "[1]", 0, 1)}}`, 5],
  "a name twice": [`{"x":${entry("U8", "[1]", 0, 1)},"\\u0078"  :${entry("U8", "[1]", 0, 1)}}`, 1],
  "an entry that is null": [`{"x":null}`, 0],
  "an entry without offsets": [`{"x":{"dtype":"U8","shape":[0]}}`, 0],
  "metadata that are not texts": [`{"__metadata__":{"a":1}}`, 0],
};

for (const [what, [header, data, length]] of Object.entries(FORGERIES)) {
  Deno.test(`refuses ${what}, naming the file`, async () => {
    await withFolder(async (folder) => {
      const path = await forged(folder, header, data, length);
      await rejects(openSafetensors(path), (error: Error) => {
        return error instanceof UserError && error.message.includes(path);
      });
    });
  });
}

Deno.test("refuses a header that is not UTF-8, an empty file and one that is not there", async () => {
  await withFolder(async (folder) => {
    const path = await forged(folder, Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d));
    await rejects(openSafetensors(path), /UTF-8/);
    await Deno.writeFile(path, new Uint8Array());
    await rejects(openSafetensors(path), UserError);
    await rejects(openSafetensors(join(folder, "none")), /no such file/);
  });
});
