import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { nearestDivisors, nearestMultiples } from "../../../stages/worked-example/patches.ts";
import { shown } from "../../../stages/worked-example/numbers.ts";
import { work } from "./work.ts";

Deno.test("the exercise's image has 196 patches, each step written out", async () => {
  const { patches } = (await work("")).result;
  equal([patches.count, patches.grid, patches.flattened, patches.tokens], [
    196,
    [14, 14],
    768,
    197,
  ]);
  equal(patches.steps, [
    "Down: 224 / 16 = 14 rows of patches",
    "Across: 224 / 16 = 14 patches in each row",
    "Number of patches: 14 × 14 = 196",
    "Check: 196 patches of 16 × 16 = 256 pixels have 196 × 256 = 50,176 pixels, the image's 224 × 224",
    "A patch, flattened: 16 × 16 × 3 = 768 numbers",
    "Tokens: 196 patches + 1 class token = 197",
  ]);
});

Deno.test("rectangles and other channels are counted", async () => {
  const { result: { patches }, example } = await work(
    "    patches: { image: [120, 200], patch: [8, 25], channels: 1 }\n",
  );
  equal([patches.grid, patches.count, patches.flattened, patches.tokens], [[15, 8], 120, 200, 121]);
  ok(example.includes("8 divides 120, and 25 divides 200: no pixel is left over."));
  const whole = (await work("    patches: { image: 9, patch: 9 }\n")).result.patches;
  equal([whole.count, whole.steps[1]], [1, "Across: 9 / 9 = 1 patch in each row"]);
});

Deno.test("the nearest sizes that fit lie on both sides", () => {
  equal(nearestMultiples(225, 16), [224, 240]);
  equal(nearestMultiples(7, 16), [16]);
  equal(nearestDivisors(224, 15), [14, 16]);
  equal(nearestDivisors(7, 3), [1, 7]);
  equal(nearestDivisors(7, 16), [7]);
});

Deno.test("numbers are written with what a reader needs", () => {
  equal([0, -0, 3, -1234, 0.5, 0.105, 2 / 3, 0.1049935].map(shown), [
    "0",
    "0",
    "3",
    "−1,234",
    "0.5",
    "0.105",
    "0.6667",
    "0.1050",
  ]);
  equal([1.5e-7, 1 / 3e5, 2.5e9, -1e300].map(shown), [
    "1.5 × 10^−7",
    "3.333 × 10^−6",
    "2.5 × 10^9",
    "−1 × 10^300",
  ]);
});
