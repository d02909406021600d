import { deepStrictEqual as equal, ok, throws } from "node:assert/strict";
import { join } from "node:path";
import { UserError } from "../../base/errors.ts";
import { openSafetensors } from "../../base/safetensors.ts";
import { patchComponents, positionSimilarity } from "../../vit/embedding_statistics.ts";
import { assertClose } from "./golden.ts";

// NumPy's numbers are of 64 bits and rounded to 32 at the end; what is left is our rounding.
const ROUNDING = 1e-6;

using file = await openSafetensors(
  join(import.meta.dirname!, "../fixtures/vit/embedding_statistics.safetensors"),
);
const expected = new Map(
  file.names.map((
    name,
  ) => [name, { shape: [...file.info(name).shape], data: file.float32(name) }]),
);
const tensor = (name: string) => expected.get(name)!;

Deno.test("the similarity of position embeddings is NumPy's, and the class token has none", () => {
  const similarity = positionSimilarity(tensor("positions").data, 1, 8);
  assertClose(similarity, tensor("similarity").data, ROUNDING, "similarity");
});

for (const filters of ["few", "many"]) {
  Deno.test(`the principal components of ${filters} filters are those of NumPy's SVD, sign included`, () => {
    const { components, variance } = patchComponents(tensor(`${filters}.projection`), 5);
    assertClose(variance, tensor(`${filters}.variance`).data, ROUNDING, "variance");
    assertClose(components, tensor(`${filters}.components`).data, ROUNDING, "components");
  });
}

Deno.test("there are no more components than the filters span", () => {
  // Four filters of 2 numbers a channel: three directions at most after centring.
  const data = Float32Array.of(
    ...[1, 0, 0, 0, 0, 0],
    ...[0, 2, 0, 0, 0, 0],
    ...[0, 0, 3, 0, 0, 0],
    ...[0, 0, 0, 4, 0, 0],
  );
  const { components, variance } = patchComponents({ shape: [4, 3, 1, 2], data }, 28);
  equal([components.length, variance.length], [3 * 6, 3]);
  assertClose([variance[0] + variance[1] + variance[2]], [1], ROUNDING, "all of the variance");
  ok(variance[0] > variance[1] && variance[1] > variance[2]);
});

Deno.test("filters that are all alike have no direction and no variance", () => {
  const data = new Float32Array(4 * 3 * 2).fill(0.5);
  equal([...patchComponents({ shape: [4, 3, 1, 2], data }, 2).variance], [0, 0]);
});

Deno.test("filters with what is no number are refused in words", () => {
  const data = new Float32Array(4 * 3 * 2).fill(NaN, 5, 6);
  throws(() => patchComponents({ shape: [4, 3, 1, 2], data }, 2), UserError);
});
