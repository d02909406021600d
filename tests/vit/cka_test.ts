import { equal, ok, throws } from "node:assert/strict";
import { random } from "../../base/random.ts";
import { centredGram, cka } from "../../vit/cka.ts";

const X = [1, 2, 0, 0, 1, 3, 4, 0, 1, 2, 2, 2, 1, 5, 0, 3, 1, 1];
const Y = [2, 1, 0, 3, 5, 0, 1, 4, 2, 2, 3, 0];

/** `n` rows of `d` numbers, normal and independent. */
function noise(n: number, d: number, seed: number): Float64Array {
  const draw = random(seed, "cka");
  return Float64Array.from({ length: n * d }, () => draw.normal());
}

Deno.test("CKA without bias is that of Song's estimator of HSIC", () => {
  // numpy, by HSIC_1 of Song et al. 2012, equation 5, without centring anything.
  const measured = cka(centredGram(X, 6), centredGram(Y, 6))!;
  ok(Math.abs(measured - 0.40854226654975695) < 1e-12, String(measured));
});

Deno.test("turned, moved and scaled, a representation is the same", () => {
  const turned = Y.map((_, i) => {
    const [a, b] = [Y[i - i % 2], Y[i - i % 2 + 1]];
    return 3 * (i % 2 === 0 ? 0.6 * a - 0.8 * b : 0.8 * a + 0.6 * b) + 7;
  });
  const measured = cka(centredGram(Y, 6), centredGram(turned, 6))!;
  ok(Math.abs(measured - 1) < 1e-12, String(measured));
});

Deno.test("two of noise have nothing in common, however wide they are", () => {
  const measured = cka(centredGram(noise(64, 500, 1), 64), centredGram(noise(64, 500, 2), 64))!;
  ok(Math.abs(measured) < 0.1, String(measured)); // the plain estimate would be about 0.9
});

Deno.test("what is the same for all images can't be compared, nor can three images", () => {
  const same = centredGram(Float64Array.from({ length: 12 }, (_, i) => [0.1, 1 / 3][i % 2]), 6);
  equal(cka(centredGram(X, 6), same), null);
  equal(cka(same, same), null);
  throws(() => centredGram(X.slice(0, 9), 3), /it takes four/);
});
