import { strictEqual } from "node:assert/strict";
import { random } from "../../base/random.ts";
import { tf } from "../../engine/tf.ts";
import { valuesOf } from "../../engine/values.ts";
import { HIDDEN_ACTS } from "../../vit/config.ts";
import { crossEntropy, score } from "../../vit/loss.ts";
import { activation } from "../../vit/ops/activation.ts";
import { dense } from "../../vit/ops/dense.ts";
import { dotProductAttention } from "../../vit/ops/dot_product_attention.ts";
import { mlp } from "../../vit/ops/mlp.ts";
import { normalise } from "../../vit/ops/normalise.ts";
import { assertClose } from "./golden.ts";

// Central differences with steps of 1e-2 in 32-bit floats: rounding gives about 1e-4 of the function's
// size, the step's square another 1e-4 where it bends.
const STEP = 1e-2;
const TOLERANCE = 2e-3;

const generator = random(3, "operations");
const normal = (shape: number[], deviation = 1) =>
  tf.tensor(
    Float32Array.from(
      { length: shape.reduce((a, b) => a * b, 1) },
      () => deviation * generator.normal(),
    ),
    shape,
  );

/** Slope of a scalar function by each number of one input, by central differences. */
async function differences(
  f: (x: tf.Tensor) => tf.Tensor,
  x: tf.Tensor,
): Promise<Float64Array> {
  const values = await x.data<"float32">();
  const at = (i: number, offset: number) => {
    const moved = values.slice();
    moved[i] += offset;
    return f(tf.tensor(moved, x.shape));
  };
  const points = await valuesOf(() =>
    tf.stack(Array.from(values, (_, i) => [at(i, STEP), at(i, -STEP)]).flat())
  );
  return Float64Array.from(values, (_, i) => (points[2 * i] - points[2 * i + 1]) / (2 * STEP));
}

/**
 * Compares an operation's gradients with differences. The result is weighted by random numbers: a
 * plain sum has slope zero behind a norm or a softmax and hides a gradient that is wrong.
 */
async function checkGradients(
  what: string,
  f: (...inputs: tf.Tensor[]) => tf.Tensor,
  inputs: tf.Tensor[],
): Promise<void> {
  const upstream = normal(f(...inputs).shape);
  const weighted = (...xs: tf.Tensor[]) => f(...xs).mul(upstream).sum();
  const gradients = tf.grads(weighted)(inputs);
  for (const [i, input] of inputs.entries()) {
    const expected = await differences(
      (x) => weighted(...inputs.map((other, j) => i === j ? x : other)),
      input,
    );
    assertClose(await gradients[i].data(), expected, TOLERANCE, `${what}, input ${i}`);
  }
}

Deno.test("dense: gradients agree with differences, with a bias and without", async () => {
  const plain = (x: tf.Tensor, weight: tf.Tensor, bias?: tf.Tensor) => dense(x, weight, bias);
  const transposed = (x: tf.Tensor, weight: tf.Tensor, bias?: tf.Tensor) =>
    dense(x, weight, bias, true);
  await checkGradients("dense", plain, [normal([5, 4]), normal([3, 4]), normal([3])]);
  await checkGradients("dense without bias", plain, [normal([5, 4]), normal([3, 4])]);
  await checkGradients("dense, transposed", transposed, [
    normal([5, 4]),
    normal([4, 3]),
    normal([3]),
  ]);
});

Deno.test("normalise: gradients agree with differences", async () => {
  await checkGradients("normalise", (x) => normalise(x, 1e-6), [normal([4, 6]).add(0.5)]);
});

// Many rows go to an operation of oneDNN's where there is one.
for (const rows of [1, 1000]) {
  Deno.test(`normalise holds where the mean is a hundred times the deviation, ${rows} rows`, async () => {
    const row = [99, 100, 101, 100];
    const values = Float32Array.from({ length: rows * 4 }, (_, i) => row[i % 4]);
    const result = await valuesOf(() => normalise(tf.tensor(values, [rows, 4]), 1e-12));
    const expected = [-Math.SQRT2, 0, Math.SQRT2, 0];
    assertClose(result, Array.from(values, (_, i) => expected[i % 4]), 1e-5, "normalise");
  });

  Deno.test(`normalise agrees with float64 and makes a constant row zero, ${rows} rows`, async () => {
    const width = 48;
    const input = tf.tidy(() => normal([rows, width], 2).add(3));
    const values = (await input.data()).slice();
    values.fill(5, (rows - 1) * width); // the last row is constant
    const result = await valuesOf(() => normalise(tf.tensor(values, [rows, width]), 1e-6));
    const expected = Array.from({ length: rows }, (_, r) => {
      const row = Array.from(values.subarray(r * width, (r + 1) * width));
      const mean = row.reduce((sum, x) => sum + x, 0) / width;
      const variance = row.reduce((sum, x) => sum + (x - mean) ** 2, 0) / width;
      return row.map((x) => (x - mean) / Math.sqrt(variance + 1e-6));
    }).flat();
    assertClose(result, expected, 2e-6, "normalise");
  });
}

Deno.test("attention: gradients agree with differences, for all queries and for one", async () => {
  for (const queries of [5, 1]) {
    const inputs = [normal([2, 2, queries, 3]), normal([2, 2, 5, 3]), normal([2, 2, 5, 3])];
    await checkGradients(
      `attention of ${queries} queries`,
      (q, k, v) => dotProductAttention(q as tf.Tensor4D, k as tf.Tensor4D, v as tf.Tensor4D),
      inputs,
    );
  }
});

Deno.test("large scores do not overflow the softmax", async () => {
  const query = tf.tensor4d([1000, 0], [1, 1, 1, 2]);
  const key = tf.tensor4d([1000, 0, 0, 0], [1, 1, 2, 2]);
  const value = tf.tensor4d([1, 2, 3, 4], [1, 1, 2, 2]);
  const seen: tf.Tensor[] = [];
  const output = dotProductAttention(query, key, value, (weights) => {
    seen.push(tf.keep(weights.clone()));
  });
  assertClose(await seen[0].data(), [1, 0], 0, "weights");
  assertClose(await output.data(), [1, 2], 0, "output");
});

// PyTorch 2.13: torch.nn.functional and transformers.activations.ACT2FN of these numbers.
const AT = [-3, -1, -0.25, 0.5, 2];
const VALUES: Record<string, number[]> = {
  gelu: [-0.00405023, -0.15865526, -0.10032342, 0.34573123, 1.95449972],
  gelu_new: [-0.00363743, -0.15880799, -0.10032465, 0.345714, 1.95459771],
  gelu_pytorch_tanh: [-0.00363743, -0.15880799, -0.10032465, 0.345714, 1.95459771],
  quick_gelu: [-0.01807131, -0.15420423, -0.09880035, 0.35038844, 1.93565857],
  relu: [0, 0, 0, 0.5, 2],
  silu: [-0.14227761, -0.26894143, -0.10945588, 0.31122968, 1.76159406],
};

for (const name of HIDDEN_ACTS) {
  Deno.test(`${name}: values are PyTorch's and the gradient agrees with differences`, async () => {
    const values = await activation(tf.tensor1d(AT), name).data();
    assertClose(values, VALUES[name], 1e-6, name);
    // Away from 0, where relu has a corner.
    const x = tf.tensor1d([-2.5, -1.2, -0.4, -0.1, 0.1, 0.3, 0.9, 1.7, 3.1]);
    await checkGradients(name, (x) => activation(x, name), [x]);
  });
}

for (const name of HIDDEN_ACTS) {
  Deno.test(`MLP with ${name}: fused or not it is the same, gradients agree with differences`, async () => {
    const inputs = [normal([5, 4]), normal([6, 4]), normal([6]), normal([4, 6]), normal([4])];
    const f = (...[x, inWeight, inBias, outWeight, outBias]: tf.Tensor[]) =>
      mlp(x, { inWeight, inBias, outWeight, outBias }, name);
    const [x, inWeight, inBias, outWeight, outBias] = inputs;
    const hidden = activation(dense(x, inWeight, inBias), name);
    const expected = await dense(hidden, outWeight, outBias).data();
    // Outside of a gradient the fused operation, inside the one with a gradient.
    assertClose(await f(...inputs).data(), expected, 1e-5, "fused");
    assertClose(await tf.valueAndGrads(f)(inputs).value.data(), expected, 1e-5, "recorded");
    if (name !== "relu") await checkGradients(name, f, inputs); // differences trip over its corner
  });
}

Deno.test("an MLP with GELU keeps its gradient finite far from 0", async () => {
  const x = tf.tensor2d([[1000], [-1000], [20], [-20], [0]]);
  const one = tf.ones([1, 1]);
  const weights = {
    inWeight: one,
    inBias: tf.zeros([1]),
    outWeight: one,
    outBias: tf.zeros([1]),
  };
  const slope = tf.grad((x) => mlp(x, weights, "gelu").sum())(x);
  assertClose(await slope.data(), [1, 0, 1, 0, 0.5], 1e-6, "slope");
});

Deno.test("cross-entropy: the gradient agrees with differences, smoothed and not", async () => {
  const labels = Int32Array.of(0, 2, 1, 2);
  for (const smoothing of [0, 0.3]) {
    await checkGradients(
      `smoothing ${smoothing}`,
      (x) => crossEntropy(x as tf.Tensor2D, { labels }, { smoothing }),
      [normal([4, 3])],
    );
  }
});

Deno.test("cross-entropy of known probabilities is their logarithm, smoothing as PyTorch's", async () => {
  const logits = tf.tensor2d([Math.log(0.5), Math.log(0.25), Math.log(0.25)], [1, 3]);
  const loss = async (smoothing: number) =>
    (await crossEntropy(logits, { labels: Int32Array.of(1) }, { smoothing }).data())[0];
  const [half, quarter] = [-Math.log(0.5), -Math.log(0.25)];
  assertClose([await loss(0)], [quarter], 1e-6, "plain");
  // 0.7 of the class, 0.3 shared by all three.
  assertClose([await loss(0.3)], [0.7 * quarter + 0.1 * (half + 2 * quarter)], 1e-6, "smoothed");
  logits.dispose();
});

Deno.test("logits are scored without overflow, and the first of equals is the prediction", () => {
  const result = score(Float32Array.of(1000, 0, 0, 1000, 5, 5), [0, 0, 0]);
  assertClose([result.loss], [1000 + Math.log(2)], 1e-9, "loss");
  strictEqual(result.correct, 2);
  strictEqual(result.images, 3);
});
