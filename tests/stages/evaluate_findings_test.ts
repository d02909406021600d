import { deepStrictEqual as equal, match, ok, strictEqual } from "node:assert/strict";
import { random } from "../../base/random.ts";
import type { MetricsFile } from "../../stages/evaluate/files.ts";
import { findings, findingsOf } from "../../stages/evaluate/findings.ts";
import { type Answer, errorsByChance } from "../../stages/evaluate/findings/calibration.ts";
import { madeUpTest } from "../figures/made_up/evaluate.ts";
import { ORDINARY } from "../figures/made_up.ts";
import { confusedPairsOf } from "../../stages/evaluate/pairs.ts";

const NAMES = ["ant", "bee", "cow", "dog", "elk", "fox"];

/** A confusion matrix of six classes that are right `right` of 100 times, mistakes evenly spread. */
function even(right: number): number[][] {
  const each = (100 - right) / 5;
  return NAMES.map((_, i) => NAMES.map((_, j) => i === j ? right : each));
}

/** Metrics of a matrix, and answers whose probabilities are `confidence` each. */
function test(matrix: readonly number[][], confidence = 0.75, error = 0): [MetricsFile, Answer[]] {
  const images = matrix.flat().reduce((a, b) => a + b, 0);
  const correct = matrix.reduce((sum, row, i) => sum + row[i], 0);
  const metrics: MetricsFile = {
    images,
    loss: 1,
    accuracy: correct / images,
    top5_accuracy: null,
    per_class: matrix.map((row, i) => {
      const all = row.reduce((a, b) => a + b, 0);
      return { class: NAMES[i], images: all, correct: row[i], accuracy: row[i] / all };
    }),
    confusion: matrix.map((row) => [...row]),
    calibration: { expected_calibration_error: error, bins: [] },
    mistakes: [{ index: 7, label: 0, predicted: 3, confidence: 0.97 }],
  };
  const answers = Array.from({ length: images }, (_, i) => ({ confidence, right: i < correct }));
  return [metrics, answers];
}

const rulesOf = (of: [MetricsFile, Answer[]]) => findingsOf(...of).map(({ rule }) => rule);
const textsOf = (of: [MetricsFile, Answer[]], rule: string) =>
  findingsOf(...of).filter((finding) => finding.rule === rule).map(({ text }) => text);

Deno.test("where classes are alike and mistakes go everywhere, that is what is said", () => {
  const of = test(even(75));
  equal(rulesOf(of), ["accuracy", "classes-alike", "no-confused-pair", "calibrated"]);
  // Wilson at 450 of 600, by hand: (0.75 + 0.0032 ± 1.96 sqrt(0.0003125 + 0.0000027)) / 1.0064.
  match(textsOf(of, "accuracy")[0], /75\.0% of 600 test images \(95% interval 71\.4% to 78\.3%\)/);
});

Deno.test("a class that is missed far more often than the others is weak, one by a little is not", () => {
  const matrix = even(75);
  matrix[2] = [10, 10, 50, 10, 10, 10];
  const of = test(matrix);
  equal(rulesOf(of).filter((rule) => rule.endsWith("class")), ["weak-class"]);
  match(
    textsOf(of, "weak-class")[0],
    /^cow is recognised less .* in 50\.0% of 100 images \(95% interval 40\.4% to 59\.6%\), the others in 75\.0%\.$/,
  );
  matrix[2] = [6, 6, 70, 6, 6, 6];
  equal(rulesOf(test(matrix)).includes("weak-class"), false);
  matrix[2] = [1, 1, 95, 1, 1, 1];
  equal(rulesOf(test(matrix)).filter((rule) => rule.endsWith("class")), ["strong-class"]);
});

Deno.test("classes that are taken for each other are a pair, both ways counted together", () => {
  const matrix = even(75);
  matrix[0] = [75, 17, 2, 2, 2, 2];
  matrix[1] = [16, 75, 3, 2, 2, 2];
  const of = test(matrix);
  const [text, ...more] = textsOf(of, "confused-pair");
  match(text, /^ant and bee are taken for each other 33 times \(17 images of ant, 16 of bee\)/);
  // The fit and the tail by NumPy: 16.41 are expected, 15 x 0.000205 = 0.0031.
  match(text, /where 16 would be expected .* \(p = 0\.003, corrected for 15 pairs\)\.$/);
  equal(more, []);
});

Deno.test("a class that is the answer too often is no pair", () => {
  // Everything that goes wrong goes to elk, from each class alike.
  const matrix: number[][] = NAMES.map((_, i) =>
    NAMES.map((_, j) => i === j ? 75 : j === 4 ? 25 : 0)
  );
  matrix[4] = [0, 0, 0, 0, 100, 0];
  equal(rulesOf(test(matrix)).filter((rule) => rule.includes("pair")), ["no-confused-pair"]);
});

Deno.test("the expected mistakes have the sums of rows and columns", () => {
  // Quasi-independent by making: 6 rows times 6 columns off the diagonal. The fit finds them again.
  const [rows, columns] = [[1, 2, 3, 4, 5, 6], [6, 1, 2, 5, 3, 4]];
  const matrix = rows.map((row, i) => columns.map((column, j) => i === j ? 50 : row * column));
  for (const { classes: [i, j], expected } of confusedPairsOf(matrix)) {
    const made = rows[i] * columns[j] + rows[j] * columns[i];
    ok(Math.abs(expected - made) < 1e-6, `${i}, ${j}: ${expected}, not ${made}`);
  }
});

Deno.test("mistakes that are left to chance make a pair in no more than one test of twenty", () => {
  const generator = random(1, "quasi-independence");
  const weights = [3, 1, 2, 1, 4, 1, 1, 2, 1, 1];
  let found = 0;
  for (let trial = 0; trial < 200; trial++) {
    const matrix = weights.map(() => weights.map(() => 0));
    for (let n = 0; n < 300;) {
      const [i, j] = [draw(), draw()];
      if (i === j) continue;
      matrix[i][j]++;
      n++;
    }
    found += Number(confusedPairsOf(matrix).some(({ p }) => p < 0.05));
  }
  // 10 of 200 are expected at most; 18 and more have a probability below 0.012.
  ok(found < 18, `${found} of 200`);
  function draw(): number {
    let at = generator.uniform() * 17; // the sum of the weights
    return weights.findIndex((weight) => (at -= weight) < 0);
  }
});

Deno.test("a model that is surer than it is right is overconfident, and the other way round", () => {
  const over = test(even(75), 0.9, 0.15);
  const [text] = textsOf(over, "overconfident");
  match(text, /calibration error is 15\.0%, where right probabilities would give at most 2\.\d%/);
  match(text, /on average 90\.0% sure, and right in 75\.0% \(interval .* 11\.7 to 18\.6 points\)/);
  const under = test(even(75), 0.6, 0.15);
  match(textsOf(under, "underconfident")[0], /It is underconfident: on average 60\.0% sure/);
  equal(rulesOf(test(even(75), 0.75, 0.01)).includes("calibrated"), true);
});

Deno.test("what chance makes of a calibration error is as theory has it", () => {
  // One probability throughout: the error is |binomial / n - p|, half-normal in good measure. Its
  // mean is sqrt(2 / pi) sqrt(p (1 - p) / n), and 1.96 deviations are passed in 5%.
  const errors = errorsByChance(new Array(400).fill(0.8));
  const deviation = Math.sqrt(0.8 * 0.2 / 400);
  const mean = errors.reduce((a, b) => a + b, 0) / errors.length;
  ok(Math.abs(mean / (Math.sqrt(2 / Math.PI) * deviation) - 1) < 0.1, String(mean));
  const most = errors[Math.ceil(0.95 * errors.length) - 1];
  ok(Math.abs(most / (1.96 * deviation) - 1) < 0.1, String(most));
  equal(errorsByChance([0.3, 0.8]), errorsByChance([0.3, 0.8]));
});

Deno.test("confident answers that are wrong are counted beside what their probabilities allow", () => {
  // 450 right answers come first: of 600 with 0.95, 150 are wrong where 30 would be.
  const of = test(even(75), 0.95, 0.2);
  match(
    textsOf(of, "confident-mistakes")[0],
    /^Of the 600 answers .* 150 are wrong \(25\.0%, .*\), more than chance makes of the 30 that/,
  );
  match(textsOf(of, "confident-mistakes")[0], /ant taken for dog, 97\.0% sure \(test image 7,/);
  const right = test(even(100), 0.95);
  match(textsOf(right, "no-confident-mistake")[0], /None of the 600 answers .* up to 0\.6%\)\.$/);
  equal(rulesOf(right).some((rule) => rule.includes("pair")), false);
});

Deno.test("a model no better than one answer to everything is said to be", () => {
  const one = NAMES.map((_, i) => NAMES.map((_, j) => j === 0 ? (i === 0 ? 100 : 10) : 0));
  match(
    textsOf(test(one), "no-better-than-one-answer")[0],
    /^Always answering "ant" would be right in 66\.7%/,
  );
  strictEqual(textsOf(test(even(75)), "no-better-than-one-answer").length, 0);
});

Deno.test("two tests give two texts", () => {
  const a = findingsOf(...test(even(75))).map(({ text }) => text);
  const b = findingsOf(...test(even(50), 0.5, 0.01)).map(({ text }) => text);
  equal(a.filter((text) => b.includes(text)), []);
});

Deno.test("the stage reads the answers from its predictions", async () => {
  const artifact = await madeUpTest({ ...ORDINARY, classes: NAMES });
  const found = await findings(artifact);
  await Deno.remove(artifact.path, { recursive: true });
  equal(found.map(({ rule }) => rule).slice(0, 2), ["accuracy", "classes-alike"]);
  match(found[0].text, /right on 66\.7% of 18 test images/);
});

Deno.test("a pair that makes nearly all mistakes is confused beyond chance", () => {
  // Ten classes; cat and dog 30 times each way, and four mistakes elsewhere.
  const matrix = Array.from(
    { length: 10 },
    (_, i) => Array.from({ length: 10 }, (_, j): number => i === j ? 100 : 0),
  );
  [matrix[3][5], matrix[5][3]] = [30, 30];
  [matrix[0][8], matrix[1][9], matrix[2][4], matrix[6][7]] = [1, 1, 1, 1];
  const [first, second] = confusedPairsOf(matrix);
  equal(first.classes, [3, 5]);
  ok(first.p < 1e-6, String(first.p));
  ok(second.p > 0.05, String(second.p));
});
