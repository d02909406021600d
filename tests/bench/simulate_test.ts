import { ok, strictEqual } from "node:assert/strict";
import { simulate } from "../../bench/cluster/simulate.ts";
import { timeSpent } from "../../commands/workers_time.ts";

const COSTS = { start: 1, engine: 2, piece: 0 };

Deno.test("workers that take what is left end together, but for one piece", () => {
  const records = simulate(new Array(80).fill(3), 8, COSTS, { what: "part", name: "shard" });
  strictEqual(records.length, 8);
  const spent = timeSpent(records, [])!;
  strictEqual(spent.seconds, 3 + 10 * 3);
  strictEqual(spent.by.compute, 240);
  ok(Math.abs(spent.efficiency - 240 / (8 * 33)) < 1e-9);
});

Deno.test("every task of a sweep pays for its start, so packing pays", () => {
  const run = (pack: number) =>
    timeSpent(
      simulate(new Array(32).fill(10), 8, COSTS, { pack, what: "stage", name: "point" }),
      [],
    )!;
  strictEqual(run(1).seconds, 4 * 13);
  strictEqual(run(4).seconds, 3 + 4 * 10);
  strictEqual(run(1).by.compute, run(4).by.compute);
});
