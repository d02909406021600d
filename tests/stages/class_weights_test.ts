import { deepStrictEqual as equal, match, strictEqual, throws } from "node:assert/strict";
import { classWeightsOf } from "../../stages/train/class_weights.ts";

/** 12 training images: 8 ants, 2 bees, 2 cows, no dog. */
const DATA = {
  classes: ["ant", "bee", "cow", "dog"],
  sizes: { train: 12, validation: 0, test: 0 },
  splits: { train: [8, 2, 2, 0], validation: [0, 0, 0, 0], test: [0, 0, 0, 0] },
};

Deno.test("balanced weights make every class that has images count alike", () => {
  // scikit-learn's n_samples / (n_classes * count): 12 / (3 * 8), 12 / (3 * 2)
  equal(classWeightsOf({ class_weights: "balanced" }, DATA, DATA.classes), [0.5, 2, 2, 1]);
});

Deno.test("weights stand in the order of the model's classes, which may be another", () => {
  const classes = ["cow", "ant", "dog", "bee", "elk"];
  equal(classWeightsOf({ class_weights: "balanced" }, DATA, classes), [2, 0.5, 1, 2, 1]);
  equal(classWeightsOf({ class_weights: { ant: 3 } }, DATA, classes), [1, 3, 1, 1, 1]);
});

Deno.test("without weights there is no list of them", () => {
  strictEqual(classWeightsOf({ class_weights: null }, DATA, DATA.classes), undefined);
});

Deno.test("a class that the data do not have is named, with those that they have", () => {
  throws(
    () => classWeightsOf({ class_weights: { ant: 1, wasp: 2 } }, DATA, DATA.classes),
    (error: Error) => {
      match(error.message, /"wasp".*the classes are "ant", "bee", "cow", "dog"$/);
      return true;
    },
  );
});
