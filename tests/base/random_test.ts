import { deepStrictEqual as equal, notDeepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Random, random } from "../../base/random.ts";

/** xoshiro128** as its authors wrote it in C (prng.di.unimi.it), in 64-bit integers. */
function reference(state: number[], count: number): number[] {
  const mask = 0xffffffffn;
  const rotate = (x: bigint, k: bigint) => ((x << k) & mask) | (x >> (32n - k));
  const s = state.map(BigInt);
  return Array.from({ length: count }, () => {
    const result = (rotate((s[1] * 5n) & mask, 7n) * 9n) & mask;
    const t = (s[1] << 9n) & mask;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 11n);
    return Number(result);
  });
}

Deno.test("the stream is xoshiro128**", () => {
  const state = [1, 2, 3, 0xfedcba98];
  const generator = new Random(state);
  equal(Array.from({ length: 1000 }, () => generator.next()), reference(state, 1000));
  // The first two by hand: rotl(2 * 5, 7) * 9, then s[1] = 2 ^ (3 ^ 1) = 0.
  strictEqual(new Random([1, 2, 3, 4]).next(), 11520);
});

Deno.test("seed and label alone decide the stream", () => {
  const draw = (seed: number, label: string) => {
    const generator = random(seed, label);
    return Array.from({ length: 8 }, () => generator.next());
  };
  equal(draw(42, "head"), draw(42, "head"));
  notDeepStrictEqual(draw(42, "head"), draw(42, "split"));
  notDeepStrictEqual(draw(42, "head"), draw(43, "head"));
});

Deno.test("normal numbers have mean 0, deviation 1 and the normal's tails", () => {
  const generator = random(7, "normal");
  const n = 200_000;
  let [sum, squares, tail] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const x = generator.normal();
    sum += x;
    squares += x * x;
    if (Math.abs(x) > 1.959964) tail++;
  }
  // Five standard errors each.
  ok(Math.abs(sum / n) < 5 / Math.sqrt(n));
  ok(Math.abs(squares / n - 1) < 5 * Math.sqrt(2 / n));
  ok(Math.abs(tail / n - 0.05) < 5 * Math.sqrt(0.05 * 0.95 / n));
});

Deno.test("below(n) gives every number equally often, shuffle every order", () => {
  const generator = random(7, "below");
  const counts = new Map<string, number>();
  for (let i = 0; i < 60_000; i++) {
    const order = generator.shuffle([0, 1, 2]).join("");
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  strictEqual(counts.size, 6);
  for (const count of counts.values()) {
    ok(Math.abs(count - 10_000) < 5 * Math.sqrt(60_000 * 5 / 36));
  }
  strictEqual(generator.below(1), 0);
  ok(generator.below(2 ** 32) < 2 ** 32);
});
