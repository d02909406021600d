import { deepStrictEqual as equal, doesNotMatch, match, rejects } from "node:assert/strict";
import { makeArtifact } from "../../figures/artifact.ts";
import { work } from "./work.ts";

const SMALL = "    comparison: { n: 10, d: 4, k: 5, heads: 2, layers: 3 }\n";

Deno.test("costs at a small setting are those that one counts by hand", async () => {
  const { values } = (await work(SMALL)).result.comparison;
  const of = (cnn: number, rnn: number, transformer: number) => ({ cnn, rnn, transformer });
  equal(values, {
    parameters: of(5 * 16, 2 * 16, 4 * 16),
    // 10 positions x 80; 10 steps x 32; 10 x 64, 10 x 10 scores of 4 and as many weighted values.
    multiply_adds: of(800, 320, 640 + 400 + 400),
    // 10 x 4 inputs; inputs and states; input, q, k, v, heads' output, and 2 tables of 10 x 10.
    activations: of(40, 80, 200 + 200),
    // 9 positions away, 2 further with each layer.
    path_length: of(5, 10, 1),
    sequential_steps: of(1, 10, 1),
    // 2 more on either side with each of 3 layers: 13, and there are 10.
    receptive_field: of(10, 10, 10),
  });
});

Deno.test("the longest path of a convolution is what walking it takes", async () => {
  for (const [n, k] of [[1, 3], [2, 3], [7, 3], [8, 7], [100, 9]]) {
    let [reached, layers] = [1, 0];
    while (reached < n) [reached, layers] = [reached + (k - 1) / 2, layers + 1];
    const { values } = (await work(`    comparison: { n: ${n}, k: ${k} }\n`)).result.comparison;
    equal(values.path_length.cnn, Math.max(1, layers), `n = ${n}, k = ${k}`);
  }
});

Deno.test("the table says formula, number and reason, and on which side of n = d it is", async () => {
  const { comparison } = await work(SMALL);
  match(comparison, /\| parameters of a layer \| k d² = 80 \| 2 d² = 32 \| 4 d² = 64 \| /);
  match(comparison, /2 n² d, is more than the recurrent layer's/);
  const short = (await work("    comparison: { n: 4, d: 8 }\n")).comparison;
  match(short, /2 n² d, is less than the recurrent layer's/);
  doesNotMatch(comparison, /measured test accuracy|## Measured/);
});

Deno.test("the number of orders of the positions is n!", async () => {
  // 10! = 3,628,800, and math.lgamma(197) / math.log(10) of Python is 365.7.
  match((await work(SMALL)).comparison, /none of n! > 10\^6 orders from another/);
  match((await work("")).comparison, /none of n! > 10\^365 orders from another/);
});

/** What evaluate would publish: two classes, half of the images each. */
function scored(
  model: { family: string; parameters: number; name?: string } | undefined,
  correct: [number, number],
  sizes: [number, number] = [500, 500],
  test_images?: { digest: string; resized: string | null },
) {
  const images = sizes[0] + sizes[1];
  const per_class = correct.map((right, c) => ({
    class: `class ${c}`,
    images: sizes[c],
    correct: right,
    accuracy: right / sizes[c],
  }));
  return makeArtifact("evaluate", {
    "metrics.json": {
      ...(model === undefined ? {} : { model }),
      ...(test_images && { test_images }),
      images,
      loss: 1.25,
      accuracy: (correct[0] + correct[1]) / images,
      top5_accuracy: null,
      per_class,
      confusion: correct.map((right, c) =>
        [[right, sizes[0] - right], [sizes[1] - right, right]][c]
      ),
      calibration: { expected_calibration_error: 0, bins: [] },
      mistakes: [],
    },
  });
}

Deno.test("measured results are cited, in the table and in words", async () => {
  const measured = [
    await scored({ family: "cnn", parameters: 101_000 }, [350, 350]),
    await scored({ family: "rnn", parameters: 100_000 }, [200, 250]),
    await scored({ family: "vit", parameters: 102_000 }, [300, 290]),
  ];
  const { comparison, result } = await work("", measured);
  // Wilson's interval of 700 of 1000.
  match(
    comparison,
    /Measured on 1,000 test images: CNN 70\.0% \(67\.1% to 72\.8%; 101,000 parameters\), Transformer 59\.0%/,
  );
  match(comparison, /CNN is ahead: the 95% intervals of the others lie below its own\./);
  match(comparison, /differ by 2\.0%, so size does not explain the difference/);
  match(comparison, /measured test accuracy \| 70\.0% \| 45\.0% \| 59\.0% \|/);
  equal(result.measured.map(({ label }) => label), ["CNN", "RNN", "Transformer"]);
});

Deno.test("results that can't be told apart are not ranked, and equal names are numbered", async () => {
  const measured = [
    await scored({ family: "vit", parameters: 100_000 }, [300, 300]),
    await scored({ family: "vit", parameters: 200_000 }, [300, 305]),
  ];
  const { comparison, result } = await work("", measured);
  match(comparison, /Transformer 2 and Transformer 1 can't be told apart for certain/);
  match(comparison, /differ by a factor of 2, so size and architecture can't be told apart here/);
  equal(result.measured.map(({ label }) => label), ["Transformer 1", "Transformer 2"]);
});

Deno.test("a result that says no model, or is of other images, is refused", async () => {
  const cnn = await scored({ family: "cnn", parameters: 1 }, [300, 300]);
  await rejects(
    work("", [cnn, await scored(undefined, [1, 1])]),
    /Cannot cite measured result 2: its metrics\.json does not say what was scored/,
  );
  const other = /Cannot compare measured result 2 with the first: they were scored on other images/;
  const rnn = { family: "rnn", parameters: 1 };
  await rejects(async () => work("", [cnn, await scored(rnn, [10, 10], [100, 100])]), other);
  // As many in all, but not of each class.
  await rejects(async () => work("", [cnn, await scored(rnn, [10, 10], [600, 400])]), other);
});

Deno.test("as many images of each class are others where their pixels are", async () => {
  const of = (digest: string, resized: string | null) =>
    scored({ family: "cnn", parameters: 1 }, [300, 300], [500, 500], { digest, resized });
  const compared = async (...all: ReturnType<typeof of>[]) =>
    (await work("", await Promise.all(all))).result.measured.length;
  equal(await compared(of("a", null), of("a", null)), 2);
  await rejects(compared(of("a", null), of("b", null)), /they were scored on other images/);
  // Resized in another way, the same images have other pixels.
  equal(await compared(of("a", "64 x 64"), of("b", "32 x 32")), 2);
});
