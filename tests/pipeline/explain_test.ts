import { deepEqual as equal } from "node:assert/strict";
import { explainDifference, summarize } from "../../pipeline/explain.ts";

const BEFORE = {
  format: 1,
  kind: "train",
  parameters: {
    epochs: 10,
    optimizer: { name: "adamw", learning_rate: 0.001 },
    model: { files: "a".repeat(64) },
  },
  seed: 42,
  inputs: { data: "1", model: "2" },
  code: { "stages/train/run.ts": "a", "vit/model.ts": "b" },
  packages: { zod: "4.6.6" },
};

Deno.test("a difference in a parameter is said with both values and its whole name", () => {
  equal(explainDifference(BEFORE, { ...BEFORE, parameters: { ...BEFORE.parameters, epochs: 3 } }), [
    "train.epochs was 10 and is 3",
  ]);
  const optimizer = { name: "sgd", learning_rate: 0.001, momentum: 0.9 };
  equal(
    explainDifference(
      BEFORE,
      { ...BEFORE, parameters: { ...BEFORE.parameters, optimizer } },
      "tune",
    ),
    [
      // First what the rest follows from.
      'tune.optimizer.name was "adamw" and is "sgd"',
      "tune.optimizer.momentum was not set and is 0.9",
    ],
  );
});

Deno.test("differences in seed, inputs, files, code and packages are said in this order", () => {
  const after = {
    ...BEFORE,
    parameters: { ...BEFORE.parameters, model: { files: "b".repeat(64) } },
    seed: 7,
    inputs: { data: "3", frozen: "4" },
    code: { "stages/train/run.ts": "a", "vit/model.ts": "c", "vit/new.ts": "d" },
    packages: { zod: "4.6.7", sharp: "1.0.0" },
  };
  equal(explainDifference(BEFORE, after), [
    "the files of train.model changed",
    "seed was 42 and is 7",
    "its input changed: data",
    "it reads an input now that it did not: frozen",
    "it no longer reads an input: model",
    "the code of vit/model.ts changed",
    "vit/new.ts is now part of its code",
    "it uses sharp 1.0.0 now",
    "zod was 4.6.6 and is 4.6.7",
  ]);
  equal(explainDifference(BEFORE, structuredClone(BEFORE)), []);
});

Deno.test("many differences are summed up in one line", () => {
  equal(summarize(["a", "b"]), "a; b");
  equal(summarize(["a", "b", "c", "d"]), "a; b; and 2 more");
});
