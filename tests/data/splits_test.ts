import { deepEqual, equal, throws } from "node:assert/strict";
import { random } from "../../base/random.ts";
import { classCounts, largestRemainder, stratified, without } from "../../data/splits.ts";

/** 60 images of class 0, 30 of class 1, 10 of class 2, mixed. */
const LABELS = Int32Array.from({ length: 100 }, (_, i) => i % 10 < 6 ? 0 : i % 10 < 9 ? 1 : 2);

Deno.test("every class has its share, and the total is exact", () => {
  const chosen = stratified(LABELS, 3, { share: 0.1 }, random(1, "validation"));
  deepEqual(classCounts(chosen.map((i) => LABELS[i]), 3), [6, 3, 1]);
});

Deno.test("indices ascend and none is there twice", () => {
  const chosen = stratified(LABELS, 3, { count: 37 }, random(1, "limit"));
  equal(chosen.length, 37);
  for (let i = 1; i < chosen.length; i++) equal(chosen[i] > chosen[i - 1], true);
});

Deno.test("what is left over goes to the largest remainders, then to the lower class", () => {
  // Quotas 1.5, 0.75, 0.75 of 3: one, and the two with .75.
  deepEqual(largestRemainder([6, 3, 3], 3), [1, 1, 1]);
  // Quotas 0.5, 0.5, 1: the first of the two equals.
  deepEqual(largestRemainder([1, 1, 2], 2), [1, 0, 1]);
  // Quotas 5000/3 each.
  deepEqual(largestRemainder([7, 7, 7], 5), [2, 2, 1]);
  deepEqual(largestRemainder([0, 0], 0), [0, 0]);
});

Deno.test("a share is rounded to whole images", () => {
  equal(stratified(LABELS, 3, { share: 0.125 }, random(1, "x")).length, 13);
  equal(stratified(LABELS, 3, { share: 0 }, random(1, "x")).length, 0);
  equal(stratified(LABELS, 3, { share: 1 }, random(1, "x")).length, 100);
});

Deno.test("a count beyond what is there takes all", () => {
  equal(stratified(LABELS, 3, { count: 1000 }, random(1, "x")).length, 100);
});

Deno.test("the seed decides, and nothing else", () => {
  const draw = (seed: number) => [...stratified(LABELS, 3, { count: 20 }, random(seed, "x"))];
  deepEqual(draw(1), draw(1));
  equal(draw(1).join() === draw(2).join(), false);
});

Deno.test("every image of a class is equally likely", () => {
  const hits = new Array(10).fill(0);
  const labels = new Int32Array(10);
  for (let seed = 0; seed < 2000; seed++) {
    for (const i of stratified(labels, 1, { count: 3 }, random(seed, "x"))) hits[i]++;
  }
  // Binomial: 2000 draws of probability 0.3 have a deviation of 20.5; 5 of them.
  for (const hit of hits) equal(Math.abs(hit - 600) < 103, true, String(hit));
});

Deno.test("the rest is what was not drawn", () => {
  deepEqual([...without(6, [0, 3, 5])], [1, 2, 4]);
  deepEqual([...without(2, [])], [0, 1]);
});

Deno.test("labels, shares and counts out of range are refused", () => {
  throws(() => stratified([0, 3], 3, { count: 1 }, random(1, "x")), /label 3 of image 1/);
  throws(() => stratified([0], 1, { share: 1.5 }, random(1, "x")), /from 0 to 1/);
  throws(() => stratified([0], 1, { share: NaN }, random(1, "x")), /from 0 to 1/);
  throws(() => stratified([0], 1, { count: -1 }, random(1, "x")), /whole number/);
});
