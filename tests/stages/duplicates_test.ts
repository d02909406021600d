import { deepEqual, equal } from "node:assert/strict";
import { findDuplicates, ImageDigests, warningsOf } from "../../stages/preprocess/duplicates.ts";

/** Images of 1 x 1 pixels, a letter each. */
function digestsOf(letters: string): ImageDigests {
  const digests = new ImageDigests();
  for (const letter of letters) {
    const code = letter.charCodeAt(0);
    digests.add(Uint8Array.of(code, code, 0), 3);
  }
  return digests;
}

/** Pool rows are the letters in order; those of `train` and `validation` are given by number. */
function find(pool: string, labels: number[], train: number[], validation: number[], test: string) {
  return findDuplicates({
    pool: digestsOf(pool),
    labels: Int32Array.from(labels),
    train: Int32Array.from(train),
    validation: Int32Array.from(validation),
    test: digestsOf(test),
    tests: test.length,
  });
}

Deno.test("images that are there once are no duplicates, nor are two in one class of one split", () => {
  const { counts } = find("aabc", [0, 0, 0, 1], [0, 1, 3], [2], "dd");
  deepEqual(counts, {
    test_in_train: 0,
    test_in_validation: 0,
    validation_in_train: 0,
    across_classes: 0,
  });
});

Deno.test("images of two splits and of two classes are counted and named", () => {
  // Train: a b c b(other class) c(other class) c; validation: a d; test: d a x b b.
  const found = find("abcbccad", [0, 0, 0, 1, 1, 0, 0, 1], [0, 1, 2, 3, 4, 5], [6, 7], "daxbb");
  deepEqual(found.counts, {
    test_in_train: 3,
    test_in_validation: 2,
    validation_in_train: 1,
    across_classes: 2,
  });
  const name = { pool: (row: number) => `pool ${row}`, test: (row: number) => `test ${row}` };
  deepEqual(warningsOf(found, name), [
    "3 test images are training images too, pixel by pixel: test 1 is pool 0, test 3 is pool 1, test 4 is pool 1",
    "2 test images are validation images too, pixel by pixel: test 0 is pool 7, test 1 is pool 6",
    "1 validation image is a training image too, pixel by pixel: pool 6 is pool 0",
    "2 pictures are training images of more than one class: pool 1 is pool 3, pool 2 is pool 4",
  ]);
});

Deno.test("three pairs of many are named", () => {
  const found = find("a", [0], [0], [], "aaaaa");
  const [warning] = warningsOf(found, { pool: () => "p", test: (row) => `t${row}` });
  equal(
    warning,
    "5 test images are training images too, pixel by pixel: t0 is p, t1 is p, t2 is p and 2 more",
  );
});

Deno.test("pieces of several images are digested image by image", () => {
  const digests = new ImageDigests();
  digests.add(Uint8Array.of(1, 2, 3, 4, 5, 6, 1, 2, 3), 3);
  equal(digests.of(0), digests.of(2));
  equal(digests.of(0) === digests.of(1), false);
});
