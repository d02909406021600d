import { deepEqual, equal, throws } from "node:assert/strict";
import { openSafetensors, type SafetensorsFile } from "../../base/safetensors.ts";
import { createResizer, type Resample, RESAMPLE_NAMES } from "../../data/resample.ts";

const GOLDEN = new URL("../fixtures/golden/preprocess/io.safetensors", import.meta.url).pathname;
const CASES = new URL("../fixtures/data/resample.safetensors", import.meta.url).pathname;

/** Resizes tensor `source` (or its image `index`) and compares every byte with tensor `expected`. */
function check(
  file: SafetensorsFile,
  source: string,
  expected: string,
  filter: Resample,
  index?: number,
): void {
  const sides = (name: string) => {
    const shape = file.info(name).shape;
    const [height, width] = shape.slice(-3);
    return { height, width };
  };
  const image = (name: string) =>
    index === undefined ? file.read(name) : file.rowsSync(name, index, 1);
  const resize = createResizer(sides(source), sides(expected), filter);
  deepEqual(resize(image(source)), new Uint8Array(image(expected)), `${expected} ${index ?? ""}`);
}

Deno.test("CIFAR-10 images grow to 64 and 224 pixels as in Pillow, to the byte", async () => {
  using golden = await openSafetensors(GOLDEN);
  for (const side of [64, 224]) {
    for (const filter of ["nearest", "lanczos", "bilinear", "bicubic"] as const) {
      for (const index of [0, 1]) check(golden, "raw", `resize${side}.${filter}`, filter, index);
    }
  }
});

Deno.test("a rectangle shrinks to a square as in Pillow, to the byte", async () => {
  using golden = await openSafetensors(GOLDEN);
  for (const filter of ["bilinear", "bicubic"] as const) {
    check(golden, "raw_90x61", `shrink_90x61_to_24x24.${filter}`, filter);
  }
});

for (const filter of RESAMPLE_NAMES) {
  Deno.test(`${filter} is Pillow's for one pixel, thin strips and mixed directions`, async () => {
    using cases = await openSafetensors(CASES);
    const images = cases.names.filter((name) => name.startsWith("image."));
    equal(images.length, 11);
    for (const name of images) {
      check(cases, name, `${name.replace("image", "resized")}.${filter}`, filter);
    }
  });
}

Deno.test("a resizer can be used again, and writes into what it is given", async () => {
  using golden = await openSafetensors(GOLDEN);
  const resize = createResizer({ height: 32, width: 32 }, { height: 64, width: 64 }, "bicubic");
  const into = new Uint8Array(64 * 64 * 3);
  for (const index of [0, 1, 0]) {
    equal(resize(golden.rowsSync("raw", index, 1), into), into);
    deepEqual(into, new Uint8Array(golden.rowsSync("resize64.bicubic", index, 1)));
  }
});

Deno.test("pixels of another size than announced are refused", () => {
  const resize = createResizer({ height: 2, width: 2 }, { height: 4, width: 4 }, "box");
  throws(() => resize(new Uint8Array(11)), /Cannot resize 11 bytes as 2x2/);
  throws(() => resize(new Uint8Array(12), new Uint8Array(12)), /they take 48/);
  throws(
    () => createResizer({ height: 0, width: 2 }, { height: 4, width: 4 }, "box"),
    /sides are positive integers/,
  );
});
