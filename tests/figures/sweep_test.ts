import { deepStrictEqual as equal, strictEqual } from "node:assert/strict";
import { runCurves } from "../../figures/run_curves.ts";
import { sweepParallel, type SweepRow, titleOf } from "../../figures/sweep_parallel.ts";
import { sweepParameters } from "../../figures/sweep_parameters.ts";

// deno-lint-ignore no-explicit-any -- a test knows the form of the spec that it reads
type Spec = any;

const PARAMETERS = [
  { path: "train.optimizer.learning_rate", values: ["0.001", "0.01", "0.1"] },
  { path: "freeze.blocks", values: ["–", "4"] },
];
const ROWS: SweepRow[] = [
  {
    name: "a",
    values: { "train.optimizer.learning_rate": "0.01", "freeze.blocks": "4" },
    accuracy: 0.9,
  },
  { name: "b", values: { "train.optimizer.learning_rate": "0.01" }, accuracy: 0.7 },
  {
    name: "c",
    values: { "train.optimizer.learning_rate": "0.1", "freeze.blocks": "4" },
    accuracy: 0.5,
  },
];

function curve(name: string, ...accuracies: (number | null)[]) {
  const epochs = accuracies.map((accuracy, epoch) => ({
    ...{ epoch, validation_accuracy: accuracy },
    validation_loss: accuracy === null ? null : 1 - accuracy,
  }));
  return { name, epochs };
}

Deno.test("parallel coordinates space values evenly, accuracies by size, and draw the best last", () => {
  const spec: Spec = sweepParallel(PARAMETERS, ROWS).spec;
  const [, others, best] = spec.layer;
  equal(best.data.values.map(({ place }: { place: number }) => place), [0.5, 1, 1]);
  equal(
    others.data.values.map(({ point, place }: { point: string; place: number }) => [point, place]),
    // From the worst to the best, each from its last axis to its first.
    [["c", 0], ["c", 1], ["c", 1], ["b", 0.5], ["b", 0], ["b", 0.5]],
  );
  strictEqual(titleOf("train.optimizer.learning_rate"), "train.optimizer.\nlearning_rate");
});

Deno.test("the line of a parameter is the mean of the runs with one value", () => {
  const spec: Spec = sweepParameters(PARAMETERS, ROWS).spec;
  const means = spec.concat.map((panel: Spec) =>
    panel.layer[1].data.values.map((row: Spec) => [row.value, row.accuracy])
  );
  // (0.9 + 0.7) / 2 = 0.8; (0.9 + 0.5) / 2 = 0.7; nobody has 0.001.
  equal(means, [[["0.01", 0.8], ["0.1", 0.5]], [["–", 0.7], ["4", 0.7]]]);
});

Deno.test("curves: six colours, the rest in grey, runs without validation results left out", () => {
  const runs = Array.from({ length: 8 }, (_, i) => curve(`run ${i}`, 0.1 * i, 0.1 * i + 0.1));
  const title = "Curves";
  const figure = runCurves([...runs, curve("bare", null)], { title })!;
  const spec: Spec = figure.spec;
  equal(spec.title.subtitle, ["Grey: 2 more", "1 run without validation results left out"]);
  const [grey, coloured] = spec.hconcat[0].layer;
  equal(grey.transform[0].filter.not.oneOf, runs.slice(0, 6).map(({ name }) => name));
  strictEqual(coloured.encoding.color.scale.range.length, 6);
  strictEqual(
    figure.description,
    "Two line charts by epoch: cross-entropy and accuracy on the validation images, of 8 runs. " +
      "Highest accuracy: 80.0%, run 7, epoch 2.",
  );
  strictEqual(runCurves([curve("bare", null), { name: "none", epochs: [] }], { title }), undefined);
});
