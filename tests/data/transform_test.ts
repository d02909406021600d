import { deepEqual, equal, throws } from "node:assert/strict";
import { openSafetensors } from "../../base/safetensors.ts";
import { createTransform, normalizationTable, resizedSize } from "../../data/transform.ts";

const GOLDEN = new URL("../fixtures/golden/preprocess/io.safetensors", import.meta.url).pathname;
const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const PLAIN = { rescale_factor: 1, mean: [0, 0, 0], std: [1, 1, 1] };

Deno.test("shortest edge 256 and centre crop 224 give Pillow's pixels", async () => {
  using golden = await openSafetensors(GOLDEN);
  const transform = createTransform({
    from: { height: 90, width: 61 },
    resize: { shortest_edge: 256, resample: "bicubic" },
    crop: { height: 224, width: 224 },
    rescale_factor: 1 / 255,
    ...IMAGENET,
  });
  const pixels = golden.read("raw_90x61");
  deepEqual(transform.resize(pixels), new Uint8Array(golden.read("shortest256_crop224.bicubic")));
});

Deno.test("normalised pixels are PyTorch's, bit for bit", async () => {
  using golden = await openSafetensors(GOLDEN);
  const transform = createTransform({
    from: { height: 90, width: 61 },
    resize: { shortest_edge: 256, resample: "bicubic" },
    crop: { height: 224, width: 224 },
    rescale_factor: 1 / 255,
    ...IMAGENET,
  });
  const into = new Float32Array(224 * 224 * 3);
  transform.apply(golden.read("raw_90x61"), 1, into);
  const planes = golden.float32("shortest256_crop224.bicubic.normalized"); // [3, 224, 224]
  for (let i = 0; i < 224 * 224; i++) {
    for (let channel = 0; channel < 3; channel++) {
      if (into[i * 3 + channel] !== planes[channel * 224 * 224 + i]) {
        throw new Error(`pixel ${i}, channel ${channel}: ${into[i * 3 + channel]}`);
      }
    }
  }
});

Deno.test("a batch is its images one after the other", async () => {
  using golden = await openSafetensors(GOLDEN);
  const transform = createTransform({
    from: { height: 32, width: 32 },
    resize: { height: 64, width: 64, resample: "bilinear" },
    ...PLAIN,
  });
  const into = new Float32Array(3 * 64 * 64 * 3).fill(-1);
  const filled = transform.apply(golden.read("raw"), 2, into);
  deepEqual([...filled], [...golden.read("resize64.bilinear")]);
  equal(into[filled.length], -1); // what lies beyond is left alone
});

Deno.test("images that have their size already are only normalised", () => {
  const transform = createTransform({
    from: { height: 1, width: 2 },
    resize: null,
    rescale_factor: 0.5,
    mean: [1, 2, 3],
    std: [2, 4, 8],
  });
  const into = new Float32Array(6);
  transform.apply(Uint8Array.of(10, 20, 30, 0, 255, 4), 1, into);
  deepEqual([...into], [2, 2, 1.5, -0.5, 31.375, -0.125]);
});

Deno.test("a crop larger than the image is padded with black, the larger half above", () => {
  const transform = createTransform({
    from: { height: 2, width: 1 },
    resize: null,
    crop: { height: 3, width: 2 },
    ...PLAIN,
  });
  const padded = transform.resize(Uint8Array.of(1, 2, 3, 4, 5, 6));
  deepEqual([...padded], [0, 0, 0, 0, 0, 0, /**/ 0, 0, 0, 1, 2, 3, /**/ 0, 0, 0, 4, 5, 6]);
});

Deno.test("an odd remainder of a crop is left below and to the right", () => {
  const transform = createTransform({
    from: { height: 1, width: 4 },
    resize: null,
    crop: { height: 1, width: 1 },
    ...PLAIN,
  });
  const pixels = Uint8Array.of(1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4);
  deepEqual([...transform.resize(pixels)], [2, 2, 2]);
});

Deno.test("the longer edge is cut to a whole number, as transformers does", () => {
  const resize = { shortest_edge: 256, resample: "bicubic" } as const;
  deepEqual(resizedSize({ height: 90, width: 61 }, resize), { height: 377, width: 256 });
  deepEqual(resizedSize({ height: 61, width: 90 }, resize), { height: 256, width: 377 });
  deepEqual(resizedSize({ height: 5, width: 5 }, resize), { height: 256, width: 256 });
});

Deno.test("normalising rounds to float32 where NumPy does", () => {
  // numpy: ((np.float64(v) * (1/255)).astype(np.float32) - np.float32(.485)) / np.float32(.229)
  const table = normalizationTable(1 / 255, IMAGENET.mean, IMAGENET.std);
  equal(table[0], Math.fround(-2.1179039478302));
  equal(table[255 * 3], Math.fround(2.2489082813262939));
});

Deno.test("wrong lengths are refused", () => {
  const transform = createTransform({ from: { height: 1, width: 1 }, resize: null, ...PLAIN });
  throws(() => transform.apply(new Uint8Array(3), 2, new Float32Array(6)), /they have 6/);
  throws(() => transform.apply(new Uint8Array(6), 2, new Float32Array(5)), /they take 6/);
});
