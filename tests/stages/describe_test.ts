import { doesNotMatch, match } from "node:assert/strict";
import { describe } from "../../stages/preprocess/describe.ts";
import type { DatasetFile } from "../../stages/preprocess/files.ts";

const channels = (mean: number, std: number, minimum: number, maximum: number) => ({
  mean: [mean, mean, mean],
  std: [std, std, std],
  minimum: [minimum, minimum, minimum],
  maximum: [maximum, maximum, maximum],
  histogram: { from: 0, to: 1, counts: [[1], [1], [1]] },
});

/** 16 x 16 pixels made 32 x 32, mean and deviation 0.5. */
function dataset(
  change: Partial<DatasetFile> = {},
  transform: Partial<DatasetFile["transform"]> = {},
): DatasetFile {
  return {
    name: "letters",
    classes: ["a", "b"],
    sizes: { train: 1800, validation: 200, test: 50 },
    splits: { train: [900, 900], validation: [100, 100], test: [25, 25] },
    stored: { height: 16, width: 16 },
    transform: {
      image_size: [32, 32],
      resample: "bicubic",
      resize: { height: 32, width: 32 },
      crop: false,
      applied: false,
      rescale_factor: 1 / 255,
      mean: [0.5, 0.5, 0.5],
      std: [0.5, 0.5, 0.5],
      ...transform,
    },
    // 51 / 255 / 0.5 = 0.4 would be the deviation if resizing left it as it was.
    statistics: { before: channels(127.5, 51, 0, 255), after: channels(0, 0.38, -1, 1) },
    ...change,
  };
}
const DRAWN = { validation: true, test: false };

Deno.test("the description says how large the images are before and after, and what that means", () => {
  const text = describe(dataset(), DRAWN);
  match(
    text,
    /Every image is 16 x 16 pixels\..*is resized to 32 x 32 pixels with the bicubic filter/,
  );
  match(text, /Each stored pixel becomes 4 pixels/);
  match(text, /changed the spread of the values by -5\.0%/);
  const shrunk = describe(
    dataset({}, { image_size: [8, 8], resize: { height: 8, width: 8 } }),
    DRAWN,
  );
  match(shrunk, /4 stored pixels become one/);
});

Deno.test("a cut is described, and images that are stored as the model gets them", () => {
  const cut = describe(dataset({}, { resize: { shortest_edge: 40 }, crop: true }), DRAWN);
  match(cut, /until its shorter side has 40 pixels/);
  match(cut, /the middle 32 x 32 pixels are cut out/);
  const applied = describe(
    dataset({ stored: { height: 32, width: 32 } }, { applied: true }),
    DRAWN,
  );
  match(applied, /The files may have any size/);
  doesNotMatch(applied, /spread of the values/);
});

Deno.test("rescaling and normalising are worked through with this data set's numbers", () => {
  // 128 / 255 = 0.50196; minus 0.5 is 0.00196; divided by 0.5 is 0.00392.
  match(describe(dataset(), DRAWN), /\(128 \* 1\/255 - 0\.5\) \/ 0\.5 = 0\.003922/);
  match(describe(dataset(), DRAWN), /multiplies it by 1\/255, so that it lies between 0 and 1/);
  match(describe(dataset({}, { rescale_factor: 1 }), DRAWN), /It is not rescaled/);
});

Deno.test("what the model expects stands with its file and field, and this run's values", () => {
  const text = describe(
    dataset({}, { patch_size: [8, 16], mean: [0.485, 0.456, 0.406], resample: "bilinear" }),
    DRAWN,
  );
  match(text, /## What the model expects, and where that is written/);
  match(text, /\| size \| 32 x 32 pixels \| `size` \| `image_size` \|/);
  match(text, /\| filter \| bilinear \| `resample` \(2 is Pillow's number for it\) \|/);
  match(text, /\| mean of red, green, blue \| 0\.485, 0\.456, 0\.406 \| .*`image_mean` \|/);
  match(text, /\| patch \| 8 x 16 pixels \| `patch_size` in config\.json \|/);
  match(text, /In patches of 8 x 16 pixels that is 4 x 2 = 8 patches/);
  const cut = describe(dataset({}, { resize: { shortest_edge: 40 }, crop: true }), DRAWN);
  match(cut, /\| size \| 32 x 32 pixels \| `size` and `crop_size` \|/);
  match(cut, /\| resized \| shorter side to 40 pixels, and cut \|/);
  doesNotMatch(cut, /patches|\| patch \|/);
});

Deno.test("the mean before is followed to the mean after, with this run's numbers", () => {
  // 100 / 255 = 0.39216; minus 0.25 is 0.14216; divided by 0.2 is 0.71078.
  const statistics = { before: channels(100, 51, 0, 255), after: channels(0.7, 0.9, -1, 1) };
  const transform = { mean: [0.25, 0.25, 0.25], std: [0.2, 0.2, 0.2] };
  const text = describe(dataset({ statistics }, transform), DRAWN);
  match(text, /The mean of red, 100, becomes \(100 \* 1\/255 - 0\.25\) \/ 0\.2 = 0\.7108 by/);
  match(text, /rounded to whole pixel values, that is 0\.7\. Its deviation, 51, is now 0\.9\./);
  const applied = describe(dataset({ statistics }, { ...transform, applied: true }), DRAWN);
  match(applied, /= 0\.7108 by rescaling and normalising\. Its deviation/);
});

Deno.test("the description says where validation and test images come from", () => {
  match(
    describe(dataset(), DRAWN),
    /The 200 validation images are drawn from the rest by the seed, stratified/,
  );
  match(describe(dataset(), DRAWN), /The 50 test images are the data set's own/);
  const own = describe(dataset(), { validation: false, test: true });
  match(own, /The 200 validation images are the data set's own/);
  match(own, /The 50 test images are drawn from the rest by the seed, stratified/);
  const none = describe(dataset({ sizes: { train: 2000, validation: 0, test: 50 } }), DRAWN);
  match(none, /There are 0 validation images/);
});

Deno.test("one image is one image", () => {
  const one = describe(
    dataset({
      sizes: { train: 1, validation: 1, test: 1 },
      skipped: { count: 1, images: [{ path: "a/1.png", reason: "the PNG is cut or damaged" }] },
      left_out: { ".heic": 1 },
    }),
    { validation: true, test: false },
  );
  match(one, /The 1 validation image is drawn from the rest/);
  match(one, /The 1 test image is the data set's own/);
  match(one, /Measured on the 1 training image:/);
  match(one, /1 image of the folder can't be read, and is in no split:/);
  match(one, /1 file of the folder is of a kind that is not read as an image: 1 \.heic\./);
  doesNotMatch(one, /\b1 (\w+ )?images\b/);
});

Deno.test("the description says which pictures are there more than once, and where none is", () => {
  const none = {
    test_in_train: 0,
    test_in_validation: 0,
    validation_in_train: 0,
    across_classes: 0,
  };
  match(describe(dataset({ duplicates: none }), DRAWN), /No picture is in two splits/);
  const some = describe(dataset({ duplicates: { ...none, test_in_train: 3 } }), DRAWN);
  match(
    some,
    /## The same picture more than once\n\n.*\n\n- 3 test images are training images too/,
  );
  match(some, /The test accuracy counts these as if they were new/);
  const classes = describe(dataset({ duplicates: { ...none, across_classes: 1 } }), DRAWN);
  match(classes, /- 1 picture is a training image of more than one class/);
  doesNotMatch(classes, /The test accuracy counts/);
  // Of data sets from before it was counted nothing is claimed.
  doesNotMatch(describe(dataset(), DRAWN), /two splits|more than once/);
});
