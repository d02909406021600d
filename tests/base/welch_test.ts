import { ok, throws } from "node:assert/strict";
import { studentT, welch } from "../../base/welch.ts";

Deno.test("Student's t is that of the tables", () => {
  // Two-sided 95%, from any table: 4, 5, 10 and 30 degrees of freedom.
  for (const [freedom, expected] of [[4, 2.7764], [5, 2.5706], [10, 2.2281], [30, 2.0423]]) {
    ok(Math.abs(studentT(1.959964, freedom) / expected - 1) < 1e-3, `${freedom}`);
  }
});

Deno.test("of two groups with one deviation it is Student's interval", () => {
  // Both have variance 3.5: 10 degrees of freedom, and 2.2281 sqrt(2 * 3.5 / 6) on either side.
  const { difference, interval: [low, high] } = welch(
    [1, 2, 3, 4, 5, 6],
    [3, 4, 5, 6, 7, 8],
    1.959964,
  );
  ok(Math.abs(difference + 2) < 1e-12);
  ok(Math.abs(low + 2 + 2.4066) < 1e-3 && Math.abs(high + 2 - 2.4066) < 1e-3, `${low} ${high}`);
});

Deno.test("a group of four is not compared", () => {
  throws(() => welch([1, 2, 3, 4], [1, 2, 3, 4, 5], 1.96), /it takes five values/);
});
