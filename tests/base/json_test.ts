import { strictEqual, throws } from "node:assert/strict";
import { parseJson, parseJsonAsWritten } from "../../base/json.ts";

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

for (const parse of [parseJson, parseJsonAsWritten]) {
  Deno.test(`${parse.name} refuses what nests without end, and takes brackets in texts for text`, () => {
    const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
    strictEqual(JSON.stringify(parse(nested(100))), nested(100));
    throws(() => parse(nested(101)), { name: "SyntaxError", message: /more than 100 deep/ });
    throws(() => parse('{"a":'.repeat(100_000)), { message: /more than 100 deep/ });
    strictEqual(parse(JSON.stringify(`\\"${"[".repeat(1000)}`)), `\\"${"[".repeat(1000)}`);
  });

  Deno.test(`${parse.name} says what is wrong on one line`, () => {
    throws(() => parse('{\n  "a": [\n    $1\n  ]\n}'), (error: Error) => {
      strictEqual(error.name, "SyntaxError");
      return /^[^\n]*\$[^\n]*$/.test(error.message);
    });
  });
}
