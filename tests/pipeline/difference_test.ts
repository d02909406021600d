import { deepStrictEqual as equal } from "node:assert/strict";
import { differencesOf } from "../../pipeline/difference.ts";

Deno.test("differences are the values that differ, each with the way to it", () => {
  equal(
    differencesOf(
      { kind: "train", parameters: { epochs: 10, betas: [0.9, 0.999], old: 1 }, code: { a: "1" } },
      { kind: "train", parameters: { betas: [0.9, 0.99], epochs: 3, new: null }, code: { a: "1" } },
    ),
    [
      { path: ["parameters", "betas"], before: [0.9, 0.999], after: [0.9, 0.99] },
      { path: ["parameters", "epochs"], before: 10, after: 3 },
      { path: ["parameters", "new"], after: null },
      { path: ["parameters", "old"], before: 1 },
    ],
  );
});

Deno.test("the order of keys is no difference, and a map that becomes a value is one", () => {
  equal(
    differencesOf({ a: { x: 1, y: [{ p: 1, q: 2 }] } }, { a: { y: [{ q: 2, p: 1 }], x: 1 } }),
    [],
  );
  equal(differencesOf({ a: { x: 1 } }, { a: "x" }), [{
    path: ["a"],
    before: { x: 1 },
    after: "x",
  }]);
});
