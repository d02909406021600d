import { deepStrictEqual as equal, notDeepStrictEqual, throws } from "node:assert/strict";
import { random } from "../../base/random.ts";
import { shift, shufflePatches } from "../../data/perturb.ts";

const SIZE = { height: 3, width: 4 };
// Two channels: the second is the first and 100.
const ROWS = [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]];
const withChannels = (rows: number[][]) =>
  Float32Array.from(rows.flat().flatMap((value) => [value, value + 100]));

Deno.test("an image that is moved repeats the edge that it is moved from", () => {
  const image = withChannels(ROWS);
  equal(shift(image, SIZE, 0, 0), image);
  equal(shift(image, SIZE, 1, 0), withChannels([[1, 1, 2, 3], [5, 5, 6, 7], [9, 9, 10, 11]]));
  equal(shift(image, SIZE, -2, 0), withChannels([[3, 4, 4, 4], [7, 8, 8, 8], [11, 12, 12, 12]]));
  equal(shift(image, SIZE, 0, 1), withChannels([[1, 2, 3, 4], [1, 2, 3, 4], [5, 6, 7, 8]]));
  equal(shift(image, SIZE, 0, -9), withChannels([ROWS[2], ROWS[2], ROWS[2]]));
});

Deno.test("shuffled patches are the image's own, each whole and each once", () => {
  const size = { height: 4, width: 6 };
  const image = Float32Array.from({ length: 24 }, (_, i) => i);
  // Patches of 2 by 2, row by row: each by its four numbers.
  const patches = (pixels: Float32Array) =>
    [0, 2, 4, 12, 14, 16].map((at) => [0, 1, 6, 7].map((step) => pixels[at + step]).join());
  const shuffled = shufflePatches(image, size, 2, random(1, "test"));
  equal(patches(shuffled).toSorted(), patches(image).toSorted());
  notDeepStrictEqual(patches(shuffled), patches(image));
  equal(shufflePatches(image, size, 2, random(1, "test")), shuffled);
  notDeepStrictEqual(shufflePatches(image, size, 2, random(2, "test")), shuffled);
  equal(shufflePatches(image, { height: 4, width: 6 }, 1, random(1, "x")).toSorted(), image);
});

Deno.test("one patch stays where it is, and patches that do not fill the image are refused", () => {
  const image = withChannels([[1, 2], [3, 4]]);
  equal(shufflePatches(image, { height: 2, width: 2 }, 2, random(1, "test")), image);
  throws(
    () => shufflePatches(withChannels(ROWS), SIZE, 2, random(1, "test")),
    /^RangeError: Cannot cut 3x4 pixels into patches of 2: it must divide both sides$/,
  );
});
