import { deepStrictEqual as equal, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { openSafetensors } from "../../base/safetensors.ts";
import { random } from "../../base/random.ts";
import { Augmenter, mirror } from "../../data/augment.ts";
import { brightness, contrast, hue, jitter, saturation } from "../../data/augment_colour.ts";
import { cut, drawCrop, middle } from "../../data/augment_crop.ts";
import { drawBox, drawMix, drawShare, mixImages } from "../../data/augment_mix.ts";
import { createResizer } from "../../data/resample.ts";
import type { TransformOptions } from "../../data/transform.ts";

const fixture = await openSafetensors(
  join(import.meta.dirname!, "../fixtures/training/augment.safetensors"),
);
const read = (name: string) => Uint8Array.from(fixture.read(name));

// As in make_augment.py.
const FACTORS = [0, 0.37, 0.8, 1, 1.3, 2.5];
const TURNS = [-0.5, -0.13, 0.02, 0.25, 0.5];
const BOXES = [[0, 0, 28, 20], [3, 5, 9, 11], [20, 0, 8, 3], [27, 19, 1, 1], [2, 1, 24, 18]];
const PARTNERS = Int32Array.of(2, 0, 3, 1);

for (const [name, change] of Object.entries({ brightness, contrast, saturation })) {
  Deno.test(`${name} is changed to the pixels of Pillow's ImageEnhance`, () => {
    for (const [i, factor] of FACTORS.entries()) {
      const image = read("colours");
      change(image, factor);
      equal(image, read(`enhanced.${name}.${i}`), `factor ${factor}`);
    }
  });
}

Deno.test("the hue is turned to the pixels of Pillow's HSV", () => {
  for (const [i, turns] of TURNS.entries()) {
    const image = read("colours");
    hue(image, turns);
    equal(image, read(`hue.${i}`), `${turns} turns`);
  }
});

Deno.test("a part is cut out and resized to the pixels of Pillow", () => {
  for (const filter of ["bilinear", "bicubic"] as const) {
    for (const [i, [left, top, width, height]] of BOXES.entries()) {
      const box = { left, top, width, height };
      const part = cut(read("photo"), { height: 20, width: 28 }, box, new Uint8Array(20 * 28 * 3));
      const image = createResizer(box, { height: 16, width: 24 }, filter)(part);
      equal(image, read(`cropped.${filter}.${i}`), `${filter}, part ${i}`);
    }
  }
});

Deno.test("mixed images are PyTorch's, everywhere or in a rectangle", () => {
  const size = { height: 6, width: 5 };
  const batch = fixture.float32("batch");
  const mixed = mixImages(batch, size, { partners: PARTNERS, share: 0.3 });
  for (const [i, value] of fixture.float32("mixed").entries()) {
    ok(Math.abs(mixed[i] - value) <= 5e-7, `number ${i} is ${mixed[i]}, not ${value}`);
  }
  const box = { top: 1, left: 2, height: 4, width: 2 };
  equal(
    mixImages(batch, size, { partners: PARTNERS, share: 22 / 30, box }),
    fixture.float32("cut"),
  );
});

Deno.test("left and right change places, and back", () => {
  const image = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19);
  const before = image.slice();
  mirror(image, 3);
  equal([...image], [7, 8, 9, 4, 5, 6, 1, 2, 3, 17, 18, 19, 14, 15, 16, 11, 12, 13]);
  mirror(image, 3);
  equal(image, before);
});

/** Mean of a statistic, and its standard error. */
function mean(values: readonly number[]): { mean: number; error: number } {
  const m = values.reduce((sum, x) => sum + x, 0) / values.length;
  const variance = values.reduce((sum, x) => sum + (x - m) ** 2, 0) / (values.length - 1);
  return { mean: m, error: Math.sqrt(variance / values.length) };
}

/** Fails where a mean is more than five standard errors from what it should be. */
function assertMean(values: readonly number[], expected: number, what: string): void {
  const { mean: m, error } = mean(values);
  ok(Math.abs(m - expected) < 5 * error, `${what}: mean ${m} ± ${error}, not ${expected}`);
}

const DRAWS = 20_000;
const draws = <T>(label: string, draw: (stream: ReturnType<typeof random>) => T): T[] => {
  const stream = random(7, label);
  return Array.from({ length: DRAWS }, () => draw(stream));
};

Deno.test("crops are spread as RandomResizedCrop's: area even, ratio even in its logarithm", () => {
  const size = { height: 1000, width: 1000 };
  const boxes = draws(
    "crops",
    (s) => drawCrop(size, { scale: [0.08, 0.5], ratio: [0.75, 4 / 3] }, s),
  );
  for (const { top, left, height, width } of boxes) {
    ok(top >= 0 && left >= 0 && top + height <= 1000 && left + width <= 1000);
    ok(width / height > 0.74 && width / height < 1.35);
  }
  // Sides are whole pixels: a rounding of half a pixel in 500 hardly moves a mean.
  assertMean(boxes.map(({ height, width }) => height * width / 1e6), 0.29, "area");
  assertMean(boxes.map(({ height, width }) => Math.log(width / height)), 0, "log ratio");
  // Of an even spread from a to b the variance is (b - a)^2 / 12.
  const [area, log] = [0.42 ** 2 / 12, (2 * Math.log(4 / 3)) ** 2 / 12];
  assertMean(boxes.map(({ height, width }) => (height * width / 1e6 - 0.29) ** 2), area, "area²");
  assertMean(boxes.map(({ height, width }) => Math.log(width / height) ** 2), log, "log ratio²");
  assertMean(boxes.map(({ top, height }) => top / (1000 - height)), 0.5, "place");
});

Deno.test("where no part fits the middle is taken, with the nearest ratio allowed", () => {
  const [low, high] = [0.75, 4 / 3];
  equal(middle({ height: 10, width: 100 }, [low, high]), {
    top: 0,
    left: 43,
    height: 10,
    width: 13,
  });
  equal(middle({ height: 100, width: 30 }, [low, high]), {
    top: 30,
    left: 0,
    height: 40,
    width: 30,
  });
  equal(middle({ height: 8, width: 8 }, [low, high]), { top: 0, left: 0, height: 8, width: 8 });
  // All of an image of 1 to 10 is never of ratio 0.75 to 4/3.
  const all = { scale: [1, 1] as const, ratio: [low, high] as const };
  equal(drawCrop({ height: 10, width: 100 }, all, random(1, "x")).width, 13);
});

for (const alpha of [0.01, 0.2, 1, 3]) {
  Deno.test(`shares for mixing are Beta(${alpha}, ${alpha})`, () => {
    const shares = draws(`beta ${alpha}`, (stream) => drawShare(alpha, stream));
    ok(shares.every((share) => share >= 0 && share <= 1));
    assertMean(shares, 0.5, "mean");
    // Moments of a symmetric beta distribution around its middle.
    assertMean(shares.map((x) => (x - 0.5) ** 2), 1 / (4 * (2 * alpha + 1)), "variance");
    const fourth = 3 / (16 * (2 * alpha + 1) * (2 * alpha + 3));
    assertMean(shares.map((x) => (x - 0.5) ** 4), fourth, "fourth moment");
  });
}

Deno.test("a rectangle is CutMix's, cut off at the edges", () => {
  const size = { height: 40, width: 60 };
  for (const box of draws("boxes", (stream) => drawBox(size, 0.75, stream))) {
    // Half of each side around the point: 10 up and down, 15 left and right, where there is room.
    ok(box.height >= 10 && box.height <= 20 && box.width >= 15 && box.width <= 30);
    ok(box.top >= 0 && box.left >= 0 && box.top + box.height <= 40 && box.left + box.width <= 60);
  }
  equal(drawBox(size, 1, random(1, "x")).height, 0);
});

Deno.test("of mixup and CutMix each is drawn half of the time, and the share is what is left", () => {
  const size = { height: 8, width: 8 };
  const mixes = draws("mixes", (s) => drawMix(4, size, { mixup: 0.4, cutmix: 1 }, s)!);
  assertMean(mixes.map(({ box }) => box ? 1 : 0), 0.5, "CutMix");
  for (const { box, share, partners } of mixes) {
    if (box) strictEqual(share, 1 - box.height * box.width / 64);
    equal([...partners].sort(), [0, 1, 2, 3]);
  }
  // Of Beta(0.4, 0.4), not of CutMix's Beta(1, 1).
  const shares = mixes.filter(({ box }) => !box).map(({ share }) => share);
  assertMean(shares.map((x) => (x - 0.5) ** 2), 1 / (4 * (2 * 0.4 + 1)), "variance");
  strictEqual(drawMix(4, size, { mixup: 0, cutmix: 0 }, random(1, "x")), undefined);
  ok(draws("one", (s) => drawMix(4, size, { mixup: 1, cutmix: 0 }, s)!).every(({ box }) => !box));
  ok(draws("two", (s) => drawMix(4, size, { mixup: 0, cutmix: 1 }, s)!).every(({ box }) => box));
});

Deno.test("jitter keeps each factor in its range, and what is 0 as it is", () => {
  // On one grey pixel contrast and saturation change nothing: brightness alone is seen.
  const seen = draws("jitter", (stream) => {
    const image = Uint8Array.of(100, 100, 100);
    jitter(image, { brightness: 0.3, contrast: 2, saturation: 2, hue: 0 }, stream);
    return image[0];
  });
  strictEqual(Math.min(...seen), 70);
  ok(Math.max(...seen) === 129 || Math.max(...seen) === 130);
  const image = Uint8Array.of(10, 200, 30);
  jitter(image, { brightness: 0, contrast: 0, saturation: 0, hue: 0 }, random(1, "x"));
  equal([...image], [10, 200, 30]);
});

const OPTIONS: TransformOptions = {
  from: { height: 20, width: 28 },
  resize: { height: 16, width: 24, resample: "bilinear" },
  rescale_factor: 1 / 255,
  mean: [0.5, 0.5, 0.5],
  std: [0.5, 0.5, 0.5],
};
const ALL = {
  crop: { scale: [0.3, 1], ratio: [0.75, 4 / 3] },
  flip: 0.5,
  jitter: { brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 },
} as const;

Deno.test("what an image becomes depends on the seed, the epoch and its number, not its batch", () => {
  const photo = read("photo");
  const other = photo.map((value) => 255 - value);
  const both = Uint8Array.from([...other, ...photo]);
  const view = (
    raw: Uint8Array,
    rows: number[],
    epoch: number,
    seed = 1,
  ) => [...new Augmenter(ALL, OPTIONS, "bilinear", seed).apply(raw, rows, epoch)];
  const alone = view(photo, [5], 2);
  equal(view(both, [9, 5], 2).slice(alone.length), alone);
  for (const different of [view(photo, [6], 2), view(photo, [5], 3), view(photo, [5], 2, 2)]) {
    ok(different.join() !== alone.join());
  }
});

Deno.test("an image that is always flipped, and nothing else, is the plain one mirrored", () => {
  const off = { crop: null, flip: 0, jitter: null };
  const plain = new Augmenter(off, OPTIONS, "bilinear", 1).apply(read("photo"), [0], 0).slice();
  const flipped = new Augmenter({ ...off, flip: 1 }, OPTIONS, "bilinear", 1)
    .apply(read("photo"), [0], 0);
  // Box 0 is the whole photo.
  const expected = read("cropped.bilinear.0");
  for (let y = 0; y < 16; y++) {
    for (let x = 0; x < 24; x++) {
      for (let c = 0; c < 3; c++) {
        const value = (Math.fround(expected[(y * 24 + x) * 3 + c] / 255) - 0.5) / 0.5;
        ok(Math.abs(plain[(y * 24 + x) * 3 + c] - value) < 1e-6);
        ok(Math.abs(flipped[(y * 24 + 23 - x) * 3 + c] - value) < 1e-6);
      }
    }
  }
});
