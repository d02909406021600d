import { deepStrictEqual as equal, strictEqual } from "node:assert/strict";
import { preprocessorJson } from "../../stages/load-pretrained/preprocessor.ts";

const PLAIN = {
  image_size: [64, 48] as [number, number],
  resample: "bicubic" as const,
  resize: { height: 64, width: 48 },
  crop: false,
  applied: true,
  rescale_factor: 0.5,
  mean: [0.1, 0.2, 0.3],
  std: [0.4, 0.5, 0.6],
};

Deno.test("preprocessor_config.json says what was done to the images", () => {
  equal(preprocessorJson({}, PLAIN), {
    image_processor_type: "ViTImageProcessor",
    do_resize: true,
    size: { height: 64, width: 48 },
    resample: 3, // PIL.Image.Resampling.BICUBIC
    do_center_crop: false,
    do_rescale: true,
    rescale_factor: 0.5,
    do_normalize: true,
    image_mean: [0.1, 0.2, 0.3],
    image_std: [0.4, 0.5, 0.6],
  });
});

Deno.test("a filter has Pillow's number", () => {
  // PIL.Image.Resampling.
  const numbers = { nearest: 0, lanczos: 1, bilinear: 2, bicubic: 3, box: 4, hamming: 5 } as const;
  for (const [resample, number] of Object.entries(numbers)) {
    const transform = { ...PLAIN, resample: resample as keyof typeof numbers };
    strictEqual(preprocessorJson({}, transform).resample, number, resample);
  }
});

Deno.test("a crop, and a shortest edge, get the class that does them in any transformers", () => {
  const fromShortest = preprocessorJson({}, {
    ...PLAIN,
    resize: { shortest_edge: 72 },
    crop: true,
  });
  strictEqual(fromShortest.image_processor_type, "BitImageProcessor");
  equal(fromShortest.size, { shortest_edge: 72 });
  strictEqual(fromShortest.do_center_crop, true);
  equal(fromShortest.crop_size, { height: 64, width: 48 });

  const fromBoth = preprocessorJson({}, {
    ...PLAIN,
    resize: { height: 72, width: 56 },
    crop: true,
  });
  strictEqual(fromBoth.image_processor_type, "DeiTImageProcessor");
  equal(fromBoth.size, { height: 72, width: 56 });
  equal(fromBoth.crop_size, { height: 64, width: 48 });
});

Deno.test("of the model's own file there stays what says nothing of the images", () => {
  const own = {
    image_processor_type: "BitImageProcessor",
    feature_extractor_type: "DeiTFeatureExtractor",
    do_convert_rgb: true,
    size: { shortest_edge: 256 },
    do_center_crop: true,
    crop_size: { height: 224, width: 224 },
    image_mean: [0, 0, 0],
  };
  equal(preprocessorJson(own, PLAIN), { ...preprocessorJson({}, PLAIN), do_convert_rgb: true });
});
