import { deepEqual, equal, throws } from "node:assert/strict";
import { join } from "node:path";
import { UserError } from "../../base/errors.ts";
import { openSafetensors } from "../../base/safetensors.ts";
import { parsePreprocessor } from "../../data/preprocessor.ts";
import { createTransform } from "../../data/transform.ts";

Deno.test("the model in the box is read as it stands", () => {
  const path = new URL("../../models/vit-tiny-patch8-64/preprocessor_config.json", import.meta.url);
  deepEqual(parsePreprocessor(JSON.parse(Deno.readTextFileSync(path)), "x"), {
    size: [64, 64],
    resize: { height: 64, width: 64 },
    resample: "bilinear",
    crop: null,
    rescaleFactor: 0.00392156862745098,
    mean: [0.5, 0.5, 0.5],
    std: [0.5, 0.5, 0.5],
  });
});

Deno.test("what is missing is what ViTImageProcessor has", () => {
  deepEqual(parsePreprocessor({}, "x"), {
    size: [224, 224],
    resize: { height: 224, width: 224 },
    resample: "bilinear",
    crop: null,
    rescaleFactor: 1 / 255,
    mean: [0.5, 0.5, 0.5],
    std: [0.5, 0.5, 0.5],
  });
});

Deno.test("an old feature extractor with a plain size is square", () => {
  const old = { feature_extractor_type: "ViTFeatureExtractor", size: 384, resample: 3 };
  const { resize, resample } = parsePreprocessor(old, "x");
  deepEqual(resize, { height: 384, width: 384 });
  equal(resample, "bicubic");
});

Deno.test("DINOv2 keeps the ratio, then crops", () => {
  const dinov2 = {
    image_processor_type: "BitImageProcessor",
    size: { shortest_edge: 256 },
    crop_size: { height: 224, width: 224 },
    do_center_crop: true,
    resample: 3,
    image_mean: [0.485, 0.456, 0.406],
    image_std: [0.229, 0.224, 0.225],
  };
  const { size, resize, crop, mean } = parsePreprocessor(dinov2, "x");
  deepEqual(size, [224, 224]);
  deepEqual(resize, { shortest_edge: 256 });
  deepEqual(crop, { height: 224, width: 224 });
  deepEqual(mean, [0.485, 0.456, 0.406]);
});

Deno.test("DeiT crops by default", () => {
  const { size, resize, crop } = parsePreprocessor(
    { image_processor_type: "DeiTImageProcessor" },
    "x",
  );
  deepEqual([size, resize, crop], [
    [224, 224],
    { height: 256, width: 256 },
    { height: 224, width: 224 },
  ]);
});

Deno.test("what is switched off changes nothing", () => {
  const off = { do_resize: false, do_rescale: false, do_normalize: false, image_mean: [1, 1, 1] };
  const { size, resize, rescaleFactor, mean, std } = parsePreprocessor(off, "x");
  deepEqual([size, resize, rescaleFactor, mean, std], [undefined, null, 1, [0, 0, 0], [1, 1, 1]]);
});

for (
  const [what, json, message] of [
    ["a filter that is not there", { resample: 6 }, /Cannot read "resample" in model\/p\.json/],
    ["a size of nothing", { size: 0 }, /"size" in model\/p\.json/],
    ["a longest edge", { size: { shortest_edge: 2, longest_edge: 3 } }, /"size" in model\/p\.json/],
    ["a deviation of 0", { image_std: [1, 0, 1] }, /"image_std" in .*: it must be above 0/],
    ["two channels", { image_mean: [1, 2] }, /"image_mean" in .*one number, or three/],
    ["a crop of one edge", { do_center_crop: true, crop_size: { shortest_edge: 2 } }, /crop_size/],
    ["another class", { image_processor_type: "ConvNextImageProcessor" }, /"ConvNextImagePro/],
    ["a list", [], /Cannot read model\/p\.json/],
  ] as const
) {
  Deno.test(`${what} is refused, with the file`, () => {
    throws(() => parsePreprocessor(json, "model/p.json"), (error) => {
      return error instanceof UserError && message.test(error.message);
    });
  });
}

const FIXTURES = join(import.meta.dirname!, "../fixtures/preprocessors");

/** Spellings of preprocessor_config.json, with the model_type beside them; make_preprocessors.py. */
const CASES: Record<string, { model_type: string; config: unknown }> = JSON.parse(
  Deno.readTextFileSync(join(FIXTURES, "cases.json")),
);

for (const [name, { model_type, config }] of Object.entries(CASES)) {
  Deno.test(`${name}: the pixels are those of transformers`, async () => {
    using expected = await openSafetensors(join(FIXTURES, "expected.safetensors"));
    const { resize, resample, crop, rescaleFactor, mean, std } = parsePreprocessor(
      config,
      "preprocessor_config.json",
      model_type,
    );
    for (const i of [0, 1]) {
      const [height, width] = expected.info(`image.${i}`).shape;
      const [down, across] = expected.info(`${name}.${i}`).shape;
      const transform = createTransform({
        from: { height, width },
        resize: resize && { ...resize, resample },
        crop,
        rescale_factor: rescaleFactor,
        mean,
        std,
      });
      deepEqual(transform.to, { height: down, width: across });
      const pixels = new Float32Array(down * across * 3);
      transform.apply(expected.read(`image.${i}`), 1, pixels);
      deepEqual(pixels, expected.float32(`${name}.${i}`));
    }
  });
}

Deno.test("a centre crop of a size that nothing says is refused, as by transformers", () => {
  const config = { image_processor_type: "ViTImageProcessor", do_center_crop: true };
  throws(() => parsePreprocessor(config, "p.json"), /"do_center_crop" in p\.json: .*"crop_size"/);
});

Deno.test("padding is refused: no ViT has it", () => {
  throws(() => parsePreprocessor({ do_pad: true }, "p.json"), /"do_pad" in p\.json/);
  deepEqual(parsePreprocessor({ do_pad: false }, "p.json").size, [224, 224]);
});
