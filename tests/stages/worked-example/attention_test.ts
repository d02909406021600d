import { deepStrictEqual as equal, match, ok } from "node:assert/strict";
import { agree, work } from "./work.ts";

/**
 * The numbers below are numpy's: `e = exp(s - s.max(1, keepdims=True)); w = e / e.sum(1,
 * keepdims=True); w @ v` with s = (P @ Q.T) @ (P @ K.T).T in float64.
 */
Deno.test("the exercise's attention is numpy's, at full precision", async () => {
  const { attention } = (await work("")).result;
  equal(attention.queries, [[1, 2], [2, 0], [0, 1], [1, 1]]);
  equal(attention.keys, [[1, 0], [2, 0], [0, 0], [1, 0]]);
  equal(attention.values, [[0, 2], [0, 0], [0, 1], [0, 1]]);
  equal(attention.scores, [[1, 2, 0, 1], [2, 4, 0, 2], [0, 0, 0, 0], [1, 2, 0, 1]]);
  const first = [0.19661193324148185, 0.5344466453885229, 0.07232948812851327, 0.19661193324148185];
  ok(agree(attention.weights, [
    first,
    [0.1049935854035065, 0.7758034925743758, 0.014209336618611033, 0.1049935854035065],
    [0.25, 0.25, 0.25, 0.25],
    first,
  ]));
  ok(agree(attention.outputs, [
    [0, 0.6621652878529588],
    [0, 0.3291900928291306],
    [0, 1],
    [0, 0.6621652878529588],
  ]));
  // Scaled, beside it.
  equal(attention.other.scaled, true);
  ok(agree(attention.other.outputs, [
    [0, 0.7726004834137692],
    [0, 0.51021545431047],
    [0, 1],
    [0, 0.7726004834137692],
  ]));
});

Deno.test("scale: true divides the scores by the root of d_k", async () => {
  const { attention } = (await work("    attention: { scale: true }\n")).result;
  equal([attention.scaled, attention.divisor], [true, Math.SQRT2]);
  ok(agree([attention.scores[1]], [[1.414213562373095, 2.82842712474619, 0, 1.414213562373095]]));
  ok(agree([attention.weights[1]], [
    [0.15732256840871345, 0.6471071140982435, 0.03824774908432969, 0.15732256840871345],
  ]));
});

/** Patches of three numbers, queries of two, values of four. */
const ODD = `    attention:
      patches: [[0.5, -1, 2], [3, 0.25, -0.75]]
      query: [[1, -2, 0.5], [0.1, 0.2, 0.3]]
      key: [[-1, 0, 2], [0.5, 0.5, 0.5]]
      value: [[1, 2, 3], [-1, 0, 1], [0.5, 0, 0], [2, -2, 2]]
      scale: true
`;

Deno.test("matrices that are not square are numpy's too", async () => {
  const { attention } = (await work(ODD)).result;
  ok(agree(attention.scores, [
    [8.900706608185667, -10.73918423927069],
    [5.3253979458111855, -6.651223160535962],
  ]));
  ok(agree(attention.weights, [
    [0.9999999970453655, 2.9546345945208698e-9],
    [0.999993710490026, 6.289509973837783e-6],
  ]));
  ok(agree(attention.outputs, [
    [4.499999990397439, 1.4999999844881686, 0.2500000036932933, 6.999999991136097],
    [4.499979559092584, 1.4999669800726374, 0.25000786188746726, 6.999981131470078],
  ]));
  ok(attention.checks.every((row) => row.sums_to_one && row.in_hull));
});

Deno.test("scores beyond the range of e^x give the weights of the limit, and the shift is told", async () => {
  const { result: { attention }, example } = await work(`    attention:
      patches: [[40], [-30], [0]]
      query: [[30]]
      key: [[1]]
      value: [[1]]
`);
  equal(attention.scores[0], [48_000, -36_000, 0]);
  equal(attention.weights.slice(0, 2), [[1, 0, 0], [0, 1, 0]]);
  equal(attention.shifts, [48_000, 27_000, 0]);
  ok(agree(attention.outputs, [[40], [-30], [10 / 3]]));
  match(example, /In rows 1 and 2 the largest score is subtracted from all first/);
  match(example, /a₁₂ = e\^\(−36,000 − 48,000\) ≈ 0\n/);
});

Deno.test("a row of large negative scores is shifted as well", async () => {
  const { attention } = (await work(`    attention:
      patches: [[1], [1.5]]
      query: [[-1000]]
      key: [[1]]
      value: [[2]]
`)).result;
  equal(attention.scores[0], [-1000, -1500]);
  equal(attention.shifts, [-1000, -1500]);
  equal(
    attention.weights,
    [[1, Math.exp(-500)], [1, 0]].map(([a, b]) => [a / (a + b), b / (a + b)]),
  );
});

Deno.test("every multiplication, score, exponential and output is written out", async () => {
  const { example } = await work(ODD);
  for (
    const line of [
      "k₁ = W_K p₁ = (−1·0.5 + 0·(−1) + 2·2, 0.5·0.5 + 0.5·(−1) + 0.5·2) = (3.5, 0.75)",
      "s₁₁ = q₁·k₁ / √2 = (3.5·3.5 + 0.45·0.75) / √2 = 12.5875 / √2 ≈ 8.9007",
      "w₁₂ = a₁₂ / Z₁ ≈ 2.168 × 10^−5 / 7,337.1562 ≈ 2.955 × 10^−9",
      "o₂ = w₂₁ v₁ + w₂₂ v₂ ≈ 1.0000·(4.5, 1.5, 0.25, 7) + 6.290 × 10^−6·(1.25, −3.75, 1.5, 4) " +
      "≈ (4.5000, 1.5000, 0.2500, 7.0000)",
    ]
  ) ok(example.includes(`${line}\n`), line);
  match(example, /It is divided by √d_k = √2 ≈ 1\.4142/);
});

Deno.test("formulas are MathML for the very lines of the Markdown", async () => {
  const { formulas, example } = await work("");
  const fenced = [...example.matchAll(/```text\n(.*?)\n```/gs)].map(([, text]) => text);
  equal(formulas.map(({ text }) => text), fenced);
  for (const { text, mathml } of formulas) {
    equal(mathml.length, text.split("\n").length);
    for (const one of mathml) wellFormed(one);
  }
  const [product] = formulas.find(({ text }) => text.startsWith("q₁ ="))!.mathml;
  match(
    product,
    /^<math xmlns="http:\/\/www\.w3\.org\/1998\/Math\/MathML" display="block" alttext="q₁ = /,
  );
  match(product, /<msub><mi>q<\/mi><mrow><mn>1<\/mn><\/mrow><\/msub>/);
});

/** Every tag that opens is closed, in order. */
function wellFormed(xml: string): void {
  const open: string[] = [];
  for (const [, close, name] of xml.matchAll(/<(\/?)([a-z]+)[^>]*>/g)) {
    if (close === "") open.push(name);
    else equal(open.pop(), name, xml);
  }
  equal(open, [], xml);
}

Deno.test("of many patches some are written out and all are published", async () => {
  const patches = Array.from({ length: 40 }, (_, i) => [i / 10, 1]);
  const { result: { attention }, example } = await work(
    `    attention: { patches: ${JSON.stringify(patches)} }\n`,
  );
  equal([attention.weights.length, attention.weights[39].length], [40, 40]);
  match(example, /Of the 40 patches the first 8 are written out/);
  ok(!example.includes("q₉ ="));
  ok(attention.checks.every((row) => row.sums_to_one && row.in_hull));
});

Deno.test("one patch attends to itself alone", async () => {
  const { result: { attention }, example } = await work(
    "    attention: { patches: [[3, 4]] }\n",
  );
  equal([attention.weights, attention.outputs], [[[1]], [[0, 4]]]);
  equal(attention.entropy, [0]);
  match(example, /Patch 1 has only itself to attend to\./);
});

Deno.test("what scaling changes is told of these numbers", async () => {
  const { example } = await work("");
  match(
    example,
    /The largest weight falls in 3 of 4 rows, and numbers of the outputs change by up to 0\.1810\./,
  );
  const one = await work(
    "    attention: { patches: [[1], [2]], query: [[1]], key: [[1]], value: [[1]] }\n",
  );
  match(one.example, /d_k = 1, and √1 = 1: scaling changes nothing here/);
});

Deno.test("what rounding leaves of 0 is written as 0 and published as it is", async () => {
  const { result: { attention }, example } = await work(
    "    attention: { patches: [[1, 1, -1]], query: [[0.1, 0.2, 0.3]], key: [[1, 0, 0]], value: [[1, 0, 0]] }\n",
  );
  ok(attention.queries[0][0] !== 0 && Math.abs(attention.queries[0][0]) < 1e-16);
  match(example, /q₁ = W_Q p₁ = \(0\.1·1 \+ 0\.2·1 \+ 0\.3·\(−1\)\) = \(0\)/);
});
