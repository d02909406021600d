import { deepStrictEqual as equal } from "node:assert/strict";
import { mistakes, planned } from "./work.ts";

Deno.test("n of the comparison is the number of patches, if nothing else is said", async () => {
  equal((await planned("")).comparison, { n: 196, d: 192, k: 3, heads: 3, layers: 12 });
  const other = "    patches: { image: [32, 64], patch: [4, 8] }\n";
  equal((await planned(other)).comparison.n, 64);
  equal((await planned(`${other}    comparison: { n: 10 }\n`)).comparison.n, 10);
});

Deno.test("heads divide d: three by default, fewer where three do not fit", async () => {
  const heads = async (d: number) =>
    (await planned(`    comparison: { d: ${d} }\n`)).comparison.heads;
  equal(await Promise.all([768, 64, 25].map(heads)), [3, 2, 1]);
  equal(await mistakes("    comparison: { d: 64, heads: 3 }\n"), [
    "1:33 Cannot share 64 numbers among 3 heads: each takes as many, and 64 is divided by 2 and 4",
  ]);
  equal(await mistakes("    comparison: { d: 2, heads: 3 }\n"), [
    "1:32 Cannot share 2 numbers among 3 heads: each takes as many, and 2 is divided by 2",
  ]);
});

Deno.test("a patch that does not divide the image is told the nearest sizes that do", async () => {
  equal(await mistakes("    patches: { image: [225, 224] }\n"), [
    "1:23 Cannot cut a height of 225 pixels into patches of 16: 16 divides 224 and 240, " +
    "and 225 is divided by 15 and 25",
  ]);
  // Both sides are wrong in the same way: that is one mistake.
  equal(await mistakes("    patches: { image: 7, patch: 16 }\n"), [
    "1:23 Cannot cut a height of 7 pixels into patches of 16: 16 divides 16, and 7 is divided by 7",
  ]);
  equal(
    (await mistakes("    patches: { image: [30, 50], patch: [8, 20] }\n")).map((m) =>
      m.slice(0, 60)
    ),
    [
      "1:23 Cannot cut a height of 30 pixels into patches of 8: 8 divid".slice(0, 60),
      "1:23 Cannot cut a width of 50 pixels into patches of 20: 20 divid".slice(0, 60),
    ],
  );
});

Deno.test("a matrix that does not fit is named, with the reason", async () => {
  const attention = (text: string) => mistakes(`    attention: { ${text} }\n`);
  equal(await attention("query: [[1, 0, 0], [0, 1, 0]]"), [
    "1:25 Cannot multiply W_Q and a patch: W_Q is 2 × 3 and a patch has 2 numbers: " +
    "q = W_Q p takes as many columns",
  ]);
  equal(await attention("key: [[1, 0]]"), [
    "1:23 Cannot compare queries and keys: q has 2 numbers (rows of W_Q) and k has 1 (rows of " +
    "W_K): q · k takes as many",
  ]);
  equal(await attention("value: [[1], [2]]"), [
    "1:25 Cannot multiply W_V and a patch: W_V is 2 × 1 and a patch has 2 numbers: " +
    "v = W_V p takes as many columns",
  ]);
});

Deno.test("ragged rows are pointed at", async () => {
  equal(await mistakes("    attention: { patches: [[1, 2], [2, 0], [0]] }\n"), [
    '1:44 Cannot use "patches": patch 3 has 1 number and patch 1 has 2: all must have as many',
  ]);
  equal(await mistakes("    attention: { query: [[1, 2], [2, 0, 1]] }\n"), [
    '1:34 Cannot use "query": row 2 has 3 numbers and row 1 has 2: all must have as many',
  ]);
});

Deno.test("what is no number, no odd kernel or too large is refused", async () => {
  equal(await mistakes("    attention: { patches: [[1, x]] }\n"), [
    '1:32 Cannot use "x" for "patches[0][1]" in "worked-example.attention": it must be a number',
  ]);
  equal(await mistakes("    comparison: { k: 4 }\n"), [
    '1:22 Cannot use 4 for "k" in "worked-example.comparison": it must be odd: a kernel has a middle',
  ]);
  const [large] = await mistakes(
    "    attention: { patches: [[1.0e200]], query: [[1]], key: [[1]], value: [[1]] }\n",
  );
  equal(
    large,
    "1:16 Cannot work out the attention: its scores go beyond 1.8e+308, the largest number that a " +
      "computer reckons with; use smaller ones",
  );
});
