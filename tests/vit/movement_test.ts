import { deepEqual } from "node:assert/strict";
import type { HostTensor } from "../../vit/host_tensor.ts";
import { movementOf } from "../../vit/movement.ts";

const tensor = (...data: number[]): HostTensor => ({
  shape: [data.length],
  data: Float32Array.from(data),
});

const LAYER = "vit.encoder.layer.0";

Deno.test("a part's way is the norm of the difference, by its norm before", () => {
  const before = new Map([
    ["vit.embeddings.cls_token", tensor(1, 2)],
    [`${LAYER}.layernorm_before.weight`, tensor(1, 0)],
    [`${LAYER}.attention.attention.query.weight`, tensor(3, 0)],
    [`${LAYER}.attention.output.dense.weight`, tensor(0, 4)],
    [`${LAYER}.output.dense.weight`, tensor(0, 0)],
    ["classifier.weight", tensor(9)],
  ]);
  const after = new Map([
    ["vit.embeddings.cls_token", tensor(1, 2)],
    [`${LAYER}.layernorm_before.weight`, tensor(1, 2)],
    [`${LAYER}.attention.attention.query.weight`, tensor(3, 3)],
    [`${LAYER}.attention.output.dense.weight`, tensor(4, 4)],
    [`${LAYER}.output.dense.weight`, tensor(0, 1)],
    ["classifier.weight", tensor(0)],
  ]);
  const rounded = movementOf(before, after).map((one) => ({
    ...one,
    distance: Number(one.distance.toFixed(6)),
    relative: one.relative === null ? null : Number(one.relative.toFixed(6)),
  }));
  deepEqual(rounded, [
    { part: "embeddings", role: null, distance: 0, relative: 0 },
    // 4 + 9 + 16 + 1 = 30 moved, 1 + 9 + 16 + 0 = 26 before.
    { part: "block 0", role: null, distance: 5.477226, relative: 1.074172 },
    { part: "block 0", role: "norms", distance: 2, relative: 2 },
    { part: "block 0", role: "attention", distance: 5, relative: 1 }, // 3-4-5, by 3-4-5
    { part: "block 0", role: "mlp", distance: 1, relative: null },
  ]);
});
