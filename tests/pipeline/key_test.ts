import { equal, notEqual, throws } from "node:assert/strict";
import { createHash } from "node:crypto";
import { canonicalJson, keyOf, stageRecord } from "../../pipeline/key.ts";
import type { PlannedStage } from "../../pipeline/types.ts";

const stage = (params: Record<string, unknown>, usesSeed = false) => ({
  name: "mine",
  definition: { kind: "train" },
  params,
  usesSeed,
} as unknown as PlannedStage);
const NOTHING = { code: {}, packages: {} };

Deno.test("canonical JSON has its keys in order, at every depth, and lists as they are", () => {
  equal(
    canonicalJson({ b: [{ d: 1, c: null }, 2], a: "é", e: undefined }),
    '{"a":"é","b":[{"c":null,"d":1},2]}',
  );
  throws(() => canonicalJson({ a: NaN }), /Cannot write NaN into a key/);
  throws(() => canonicalJson([Infinity]), /Cannot write Infinity/);
});

Deno.test("a key is the SHA-256 of the record", async () => {
  const record = stageRecord(stage({ epochs: 3 }), 7, { data: "d".repeat(64) }, {}, {
    code: { "run.ts": "c" },
    packages: { zod: "4.6.7" },
  });
  const text = `{"code":{"run.ts":"c"},"format":1,"inputs":{"data":"${"d".repeat(64)}"},` +
    `"kind":"train","packages":{"zod":"4.6.7"},"parameters":{"epochs":3}}`;
  equal(await keyOf(record), createHash("sha256").update(text).digest("hex"));
});

Deno.test("a key has the seed where it is used, and a digest in place of an outside path", async () => {
  const key = (...args: Parameters<typeof stageRecord>) => keyOf(stageRecord(...args));
  equal(await key(stage({}), 1, {}, {}, NOTHING), await key(stage({}), 2, {}, {}, NOTHING));
  notEqual(
    await key(stage({}, true), 1, {}, {}, NOTHING),
    await key(stage({}, true), 2, {}, {}, NOTHING),
  );
  const [here, there] = ["/here", "/there"].map((path) => stage({ dataset: { folder: path } }));
  const digest = { "dataset.folder": "f".repeat(64) };
  equal(await key(here, 1, {}, digest, NOTHING), await key(there, 1, {}, digest, NOTHING));
  notEqual(await key(here, 1, {}, {}, NOTHING), await key(there, 1, {}, {}, NOTHING));
  equal((here.params.dataset as { folder: string }).folder, "/here"); // the plan is left as it was
});
