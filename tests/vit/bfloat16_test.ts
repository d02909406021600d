import { notStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { join } from "node:path";
import { hasBfloat16 } from "../../engine/avx.ts";
import { tf } from "../../engine/tf.ts";
import { Bfloat16Blocks } from "../../vit/bfloat16.ts";
import { VisionTransformer } from "../../vit/model.ts";
import {
  affine,
  type Bfloat16,
  hasBfloat16Ops,
  softmax,
  stackedProduct,
  toBfloat16,
  toFloat32,
  transpose,
} from "../../vit/ops/bfloat16.ts";
import { assertClose, channelsLast, readModel, readTensors } from "./golden.ts";

// Before reading any: they open the engine.
const FIXTURE = await readTensors(
  join(import.meta.dirname!, "../fixtures/bfloat16/bfloat16.safetensors"),
);
// The operations run on any processor with AVX512, many times slower where it lacks the instructions.
const ignore = hasBfloat16() !== true || !hasBfloat16Ops();
const WHY = ignore ? " (skipped: this processor or engine has no bfloat16)" : "";

const fixture = (name: string) => FIXTURE.get(name)!;
const rounded = (name: string) => toBfloat16(tf.tensor(fixture(name).data, fixture(name).shape));
const read = (x: Bfloat16) => toFloat32(x).dataSync<"float32">().slice();

function test(name: string, fn: () => void | Promise<void>): void {
  Deno.test({ name: `bfloat16: ${name}${WHY}`, ignore, fn });
}

/**
 * Fails where a number is not what is exact, rounded once: within half the distance of two numbers of
 * eight bits, and what float32 sums of 48 products of size 1 may be off.
 */
function assertRounded(actual: Float32Array, exact: Float32Array, what: string): void {
  strictEqual(actual.length, exact.length);
  actual.forEach((value, i) => {
    const distance = 2 ** (Math.floor(Math.log2(Math.abs(exact[i]))) - 7);
    const within = distance / 2 + 2e-6;
    ok(Math.abs(value - exact[i]) <= within, `${what}: number ${i} is ${value}, not ${exact[i]}`);
  });
}

test("numbers are rounded as PyTorch rounds them, ties to the even one", () => {
  tf.tidy(() => assertClose(read(rounded("round.x")), fixture("round.y").data, 0, "rounded"));
});

test("products with their endings are the exact ones, rounded once", () => {
  const endings = { gelu: "GeluExact", gelu_tanh: "GeluApproximate", relu: "Relu" } as const;
  tf.tidy(() => {
    const [x, weight, bias] = ["x", "weight", "bias"].map(rounded);
    assertRounded(read(affine(x, weight, bias)), fixture("none").data, "no ending");
    for (const [name, activation] of Object.entries(endings)) {
      assertRounded(read(affine(x, weight, bias, activation)), fixture(name).data, name);
    }
    const product = read(stackedProduct(x, weight, true));
    const turned = read(stackedProduct(x, transpose(weight, [1, 0])));
    assertClose(turned, product, 0, "read transposed, and transposed");
    const shift = fixture("bias").data;
    const exact = fixture("none").data.map((value, i) => value - shift[i % shift.length]);
    assertRounded(product, exact, "no bias");
  });
});

test("softmax is the exact one, rounded once", () => {
  tf.tidy(() => assertRounded(read(softmax(rounded("x"))), fixture("softmax").data, "softmax"));
});

test("an operation of TensorFlow.js fails on such a tensor, and so does reading it", () => {
  tf.tidy(() => {
    const x = rounded("x") as unknown as tf.Tensor;
    throws(() => x.add(x.relu()));
    throws(() => x.dataSync(), /cast it first/);
  });
});

const rootOfMeanSquare = (a: Float32Array, b: Float32Array) =>
  Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0) / a.length);

for (const name of ["vit", "vit-nobias-gelunew", "dinov2", "dinov2-swiglu"]) {
  test(`${name}: blocks are as near to float32 as PyTorch's autocast is`, async () => {
    const { config, weights } = await readModel(name);
    const pixels = channelsLast((await readTensors(name, "io.safetensors")).get("pixel_values")!);
    const vit = new VisionTransformer(config, weights);
    const before = tf.memory().numTensors;
    {
      using blocks = new Bfloat16Blocks(vit, config.blocks);
      const ours = tf.tidy(() => blocks.apply(vit.embed(pixels)).dataSync<"float32">().slice());
      const exact = fixture(`${name}.float32`).data;
      const theirs = rootOfMeanSquare(fixture(`${name}.autocast`).data, exact);
      const error = rootOfMeanSquare(ours, exact);
      // What is rounded is nearly the same on both sides; which way each number goes is not.
      ok(error < 1.5 * theirs, `error ${error}, of PyTorch's ${theirs}`);
      ok(error > theirs / 10, `error ${error}: that would be float32`);
    }
    strictEqual(tf.memory().numTensors, before);
    vit.dispose();
    pixels.dispose();
  });
}

test("blocks give the same bits again, and none where there are none", async () => {
  const { config, weights } = await readModel("vit");
  const vit = new VisionTransformer(config, weights);
  const x = tf.randomNormal([5, 17, config.hiddenSize], 0, 1, "float32", 3) as tf.Tensor3D;
  const through = (count: number) => {
    using blocks = new Bfloat16Blocks(vit, count);
    return tf.tidy(() => blocks.apply(x).dataSync<"float32">().slice());
  };
  assertClose(through(2), through(2), 0, "twice");
  assertClose(through(0), x.dataSync(), 0, "no block");
  notStrictEqual(through(1)[0], through(2)[0]);
  x.dispose();
  vit.dispose();
});
