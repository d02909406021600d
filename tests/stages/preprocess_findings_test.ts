import { deepStrictEqual as equal, match, strictEqual } from "node:assert/strict";
import type { DatasetFile } from "../../stages/preprocess/files.ts";
import { findingsOf } from "../../stages/preprocess/findings.ts";

function statistics(mean: number[], std: number[], low: number, high: number) {
  const three = (value: number) => [value, value, value];
  return {
    ...{ mean, std, minimum: three(low), maximum: three(high) },
    histogram: { from: low, to: high, counts: [[1], [1], [1]] },
  };
}

const BEFORE = statistics([125.3, 123, 113.9], [63, 62.1, 66.7], 0, 255);
const AFTER = statistics([-0.02, -0.04, -0.11], [0.49, 0.49, 0.52], -1, 1);

/** Two classes, nothing odd about them; what the rules look at can be changed. */
function dataset(change: Partial<DatasetFile> = {}, train = [500, 500]): DatasetFile {
  return {
    name: "made-up",
    classes: ["cat", "dog"],
    sizes: { train: train[0] + train[1], validation: 500, test: 500 },
    splits: { train, validation: [250, 250], test: [250, 250] },
    stored: { height: 32, width: 32 },
    transform: {
      image_size: [64, 64],
      resample: "bilinear",
      resize: { height: 64, width: 64 },
      ...{ crop: false, applied: false, rescale_factor: 1 / 255 },
      ...{ mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
    },
    statistics: { before: BEFORE, after: AFTER },
    ...change,
  };
}

const only = (of: DatasetFile) => {
  const found = findingsOf(of);
  strictEqual(found.length, 1, found.map(({ rule }) => rule).join());
  return `${found[0].rule}: ${found[0].text}`;
};

Deno.test("of ordinary images nothing is said", () => {
  equal(findingsOf(dataset()), []);
  equal(findingsOf(dataset({}, [590, 410])), []);
});

Deno.test("classes of which one has half as many images again are uneven", () => {
  match(
    only(dataset({}, [750, 250])),
    /^class-imbalance: .*cat has 750 training images, dog has 250 images, 3 times .* in 75\.0% of/,
  );
  match(
    findingsOf(dataset({}, [30, 0])).map(({ rule, text }) => `${rule}: ${text}`).join("\n"),
    /^class-imbalance: .* dog has 0 images\. .*\nfew-images: 1 class has .* has dog, 0 images\.$/,
  );
});

Deno.test("a split that says little is said to, one of 400 images not", () => {
  const sizes = { train: 1000, validation: 100, test: 400 };
  // Half a Wilson interval at 50 of 100, by hand: 1.96 sqrt(0.0025 + 0.000096) / 1.0384 = 9.6%.
  const text = only(dataset({ sizes }));
  match(text, /^small-split: With 100 validation images .* within 9\.6 points/);
  match(text, /only which images each gets right can say which is better\.$/);
});

Deno.test("images that are there twice are counted", () => {
  const none = {
    test_in_train: 0,
    test_in_validation: 0,
    validation_in_train: 0,
    across_classes: 0,
  };
  equal(findingsOf(dataset({ duplicates: none })), []);
  strictEqual(
    only(dataset({ duplicates: { ...none, test_in_train: 3 } })),
    "repeated-images: 3 test images are training images too, pixel by pixel.",
  );
});

Deno.test("grey images, a cast, little contrast and an odd normalisation are found", () => {
  const with_ = (before: typeof BEFORE, after = AFTER) =>
    only(dataset({ statistics: { before, after } }));
  match(with_(statistics([90, 90, 90], [50, 50, 50], 0, 255)), /^grey-images: .*mean 90\.0/);
  match(
    with_(statistics([150, 120, 90], [50, 51, 52], 0, 255)),
    /^colour-cast: .* mean of red is 150\.0 of 255, 30\.0 above/,
  );
  match(with_(statistics([90, 95, 99], [9, 8, 7], 60, 130)), /^little-contrast: .*60 and 130 of/);
  match(
    with_(BEFORE, statistics([-0.02, -1.5, -0.11], [0.5, 0.5, 0.5], -1, 1)),
    /^odd-normalisation: .*0\.5 and deviation 0\.5, green has a mean of -1\.50/,
  );
});
