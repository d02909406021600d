import { strictEqual } from "node:assert/strict";
import { parseJsonAsWritten } from "../../base/json.ts";

for (
  const text of [
    '{"layerscale_value":1.0,"layer_norm_eps":1e-06,"hidden_size":768}',
    "[0.1,1E5,-0.0,12345678901234567890,0.30000000000000000001]",
    '{"a":[{"b":2.50}],"c":null,"d":"1.0","e":true}',
  ]
) {
  Deno.test(`${text} is written as it was read`, () => {
    strictEqual(JSON.stringify(parseJsonAsWritten(text)), text);
  });
}

Deno.test("a number that JavaScript writes as it stood is a number", () => {
  strictEqual((parseJsonAsWritten('{"a": 32}') as { a: number }).a, 32);
});
