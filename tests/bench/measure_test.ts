import { deepStrictEqual, rejects } from "node:assert/strict";
import { measureInTurn, spreadOf } from "../../bench/measure.ts";
import type { Side } from "../../bench/side.ts";

/** A side that takes what it is told to take, and writes down when. */
function side(name: string, seconds: number[], log: string[], check: number | null = null): Side {
  return {
    name,
    check,
    first: 1,
    measure(repeats) {
      log.push(`${name} x${repeats}`);
      return Promise.resolve(seconds.shift()! * repeats);
    },
    peak: () => Promise.resolve(seconds.length),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

Deno.test("sides take turns, and a ratio is that of one turn", async () => {
  const log: string[] = [];
  // The machine is half as fast in the second turn; no ratio shows it.
  const measured = await measureInTurn([
    side("ours", [1, 2, 1], log),
    side("theirs", [3, 6, 3], log),
  ], { fewest: 3, most: 3, seconds: 0 });
  deepStrictEqual(log, ["ours x1", "theirs x1", "ours x1", "theirs x1", "ours x1", "theirs x1"]);
  deepStrictEqual(measured.peers[0].ratio, { median: 3, low: 3, high: 3, of: 3 });
  deepStrictEqual(measured.ours.seconds, { median: 1, low: 1, high: 2, of: 3 });
});

Deno.test("work that is over at once is measured several times over", async () => {
  const log: string[] = [];
  const short = { ...side("ours", [0.1, 0.1, 0.1], log), first: 0.3 };
  const { ours } = await measureInTurn([short], { fewest: 2, most: 2, seconds: 0 });
  deepStrictEqual(log, ["ours x1", "ours x4", "ours x4"]); // 4 x 0.1 s is 0.4 s
  deepStrictEqual(ours.seconds.median, 0.1);
});

Deno.test("sides that compute something else are not compared", async () => {
  const sides = [side("ours", [1], [], 1.5), side("theirs", [1], [], 1.6)];
  await rejects(
    measureInTurn(sides, { fewest: 1, most: 1, seconds: 0 }),
    /Cannot compare with theirs: it computes 1.6 where we have 1.5/,
  );
});

Deno.test("a spread is median and quartiles, or the extremes of fewer than five", () => {
  deepStrictEqual(spreadOf([4, 1, 2]), { median: 2, low: 1, high: 4, of: 3 });
  deepStrictEqual(spreadOf([4, 1, 2, 3]), { median: 2.5, low: 1, high: 4, of: 4 });
  deepStrictEqual(spreadOf([50, 1, 3, 2, 4]), { median: 3, low: 2, high: 4, of: 5 });
  deepStrictEqual(spreadOf([9, 8, 7, 6, 5, 4, 3, 2, 1]), { median: 5, low: 3, high: 7, of: 9 });
});
