import { deepStrictEqual as equal, ok, rejects, strictEqual } from "node:assert/strict";
import { random } from "../../../base/random.ts";
import { CheckpointFolder } from "../../../pipeline/checkpoint.ts";
import { realDisk } from "../../../pipeline/disk.ts";
import { areaUnder, type Curves, summarise } from "../../../stages/visualize/curves.ts";
import { testFaithfulness } from "../../../stages/visualize/faithfulness.ts";
import { faithfulnessFile, METHODS, sanityFile } from "../../../stages/visualize/files.ts";
import { mapsOf } from "../../../stages/visualize/maps.ts";
import { counts, largestFirst, ordersOf } from "../../../stages/visualize/orders.ts";
import { copyPatches, replacement } from "../../../stages/visualize/removal.ts";
import { checkSanity } from "../../../stages/visualize/sanity.ts";
import { assertClose } from "../../vit/golden.ts"; // opens the engine
import { plantedImages, plantedModel } from "./planted.ts";

/** The corner of four by four patches that is farthest from the centre in reading order. */
const CORNER = 15;

/** A new one. */
function checkpointIn(folder: string): CheckpointFolder {
  const path = Deno.makeTempDirSync({ dir: folder });
  const refuse = () => {
    throw new Error("Nothing is damaged");
  };
  return new CheckpointFolder(realDisk, path, refuse, refuse);
}

async function planted(images: number) {
  const folder = await Deno.makeTempDir();
  const model = plantedModel(CORNER);
  const pool = await plantedImages(folder, CORNER, images);
  return {
    folder,
    test: {
      model,
      images: pool,
      rows: Array.from({ length: images }, (_, i) => i),
      removed: "mean" as const,
      discard: 0,
      seed: 1,
      checkpoint: checkpointIn(folder),
      resumed: () => {},
      pause: () => Promise.resolve(),
    },
    async [Symbol.asyncDispose]() {
      model.dispose();
      pool[Symbol.dispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

Deno.test("where one patch decides, every map finds it, and taking it away takes the class away", async () => {
  await using made = await planted(12);
  const file = faithfulnessFile.parse(await testFaithfulness(made.test));
  strictEqual(file.images, 12);
  equal(file.fractions, Array.from({ length: 17 }, (_, i) => i / 16));
  for (const { method, deletion, insertion, better_than_random } of file.methods) {
    if (method === "random") continue;
    // The class goes with one patch of sixteen: half a step's area is left; and comes with one.
    // The centre's order has the four corners last: the patch goes at step 13, 14, 15 or 16.
    const [out, within] = method === "center" ? [14 / 16, 2 / 16] : [0.5 / 16, 1e-3];
    assertClose([deletion.area, insertion.area], [out, 1 - out], within, method);
    strictEqual(better_than_random, method !== "center", method);
    if (method === "center") continue;
    equal([deletion.better_than_center, insertion.better_than_center], [true, true]);
    assertClose(deletion.curve, [1, ...Array(16).fill(0)], 1e-3, `${method}, deletion`);
    assertClose(insertion.curve, [0, ...Array(16).fill(1)], 1e-3, `${method}, insertion`);
  }
  const chance = file.methods.find(({ method }) => method === "random")!;
  strictEqual(chance.better_than_random, null);
  // The patch is as likely at each of sixteen places: half of the area on average.
  ok(chance.deletion.area > 0.25 && chance.deletion.area < 0.75, `${chance.deletion.area}`);
});

Deno.test("the same seed gives the same numbers, another one another order", async () => {
  await using made = await planted(1);
  const one = await testFaithfulness(made.test);
  const again = (seed: number) =>
    testFaithfulness({ ...made.test, seed, checkpoint: checkpointIn(made.folder) });
  equal(await again(1), one);
  const other = await again(3);
  ok(other.methods[3].deletion.area !== one.methods[3].deletion.area);
});

Deno.test("relevance is for the class that is asked for", async () => {
  await using made = await planted(1);
  const pixels = made.test.images.read([0]).pixels.slice();
  const [{ maps }] = await mapsOf(made.test.model, pixels, 1, 0, [0]);
  strictEqual(maps.relevance.indexOf(Math.max(...maps.relevance)), CORNER);
  const [{ maps: other }] = await mapsOf(made.test.model, pixels, 1, 0, [1]);
  // The bright patch speaks against "dark".
  strictEqual(other.relevance[CORNER], 0);
});

Deno.test("with weights shuffled maps are no longer what they were", async () => {
  await using made = await planted(4);
  let last = [0, 0];
  const file = sanityFile.parse(
    await checkSanity({
      ...made.test,
      pause: (...progress) => {
        last = progress;
        return Promise.resolve();
      },
    }),
  );
  equal(last, [16, 16]);
  equal(file.shuffled, ["head", "block 0", "embeddings"]);
  for (const { method, correlation } of file.methods) {
    // Attention does not know of the head.
    if (method !== "relevance") strictEqual(correlation[0].mean, 1, method);
    ok(Math.abs(correlation[2].mean) < 0.9, method);
  }
});

Deno.test("the test stops where it is told to", async () => {
  await using made = await planted(2);
  let passes = 0;
  const stop = () => ++passes === 2 ? Promise.reject(new Error("stop")) : Promise.resolve();
  await rejects(testFaithfulness({ ...made.test, pause: stop }), /stop/);
});

Deno.test("a test that was stopped goes on from the images that were done, to the same numbers", async () => {
  await using made = await planted(34);
  const whole = await testFaithfulness(made.test);
  const checkpoint = checkpointIn(made.folder);
  const stop = (done: number) =>
    done === 33 ? Promise.reject(new Error("stop")) : made.test.pause();
  await rejects(testFaithfulness({ ...made.test, checkpoint, pause: stop }), /stop/);
  // Maps are made of 32 images at once: so many are kept together.
  const calls: number[] = [];
  const pause = (done: number) => Promise.resolve(void calls.push(done));
  let from = 0;
  const resumed = (done: number) => void (from = done);
  equal(await testFaithfulness({ ...made.test, checkpoint, pause, resumed }), whole);
  equal([from, Math.min(...calls)], [32, 32]);
});

Deno.test("an area is that of trapezoids", () => {
  strictEqual(areaUnder([0, 1], [1, 0]), 0.5);
  strictEqual(areaUnder([0, 0.25, 1], [1, 0.5, 0]), 0.25 * 0.75 + 0.75 * 0.25);
});

/** Twelve images whose curve is a straight line from 1 to `end`, slightly another for each. */
function lines(ends: Record<string, number>): Curves {
  const of = (end: number) => Array.from({ length: 12 }, (_, i) => [1, end + (i % 3) / 1000]);
  return Object.fromEntries(
    METHODS.map((method) => [method, { deletion: of(ends[method]), insertion: of(ends[method]) }]),
  ) as unknown as Curves;
}

Deno.test("a map is better where its area is smaller on deletion, and larger on insertion", () => {
  const ends = { "last-block": 0.2, rollout: 0.4, relevance: 0.6, random: 0.4, center: 0.4 };
  const [less, same, more, chance, center] = summarise(lines(ends), [0, 1], 1);
  const verdicts = (
    row: typeof less,
  ) => [row.deletion.better_than_random, row.insertion.better_than_random, row.better_than_random];
  equal(verdicts(less), [true, false, false]);
  equal(verdicts(same), [false, false, false]);
  equal(verdicts(more), [false, true, false]);
  equal(verdicts(chance), [null, null, null]);
  equal(center.deletion.better_than_center, null);
  assertClose([less.deletion.gain!.mean, more.insertion.gain!.mean], [0.1, 0.1], 1e-12, "gain");
  assertClose(less.deletion.curve, [1, 0.201], 1e-12, "curve");
  assertClose([less.deletion.area], [(1 + 0.201) / 2], 1e-12, "area");
});

Deno.test("nine images are too few for a verdict", () => {
  const ends = { "last-block": 0.2, rollout: 0.4, relevance: 0.6, random: 0.4, center: 0.4 };
  const few = Object.fromEntries(
    Object.entries(lines(ends)).map(([method, { deletion, insertion }]) => [
      method,
      { deletion: deletion.slice(0, 9), insertion: insertion.slice(0, 9) },
    ]),
  ) as unknown as Curves;
  strictEqual(summarise(few, [0, 1], 1)[0].deletion.better_than_random, null);
});

Deno.test("patches go by value, equal ones in random order; the centre's by nearness", () => {
  equal(largestFirst([1, 3, 2], random(1, "a")), [1, 2, 0]);
  const firsts = Array.from(
    { length: 40 },
    (_, i) => largestFirst([1, 1, 1], random(i, "a"))[0],
  );
  equal(new Set(firsts), new Set([0, 1, 2]));
  const maps = {
    "last-block": new Float32Array(9),
    rollout: new Float32Array(9),
    relevance: new Float32Array(9),
  };
  const { center } = ordersOf(maps, [3, 3], random(1, "a"));
  strictEqual(center[0], 4);
  equal(new Set(center.slice(1, 5)), new Set([1, 3, 5, 7]));
});

Deno.test("steps go from none of the patches to all of them, sixteen at most", () => {
  equal(counts(4), [0, 1, 2, 3, 4]);
  equal(counts(64), Array.from({ length: 17 }, (_, i) => 4 * i));
  const many = counts(196);
  equal([many.length, many[0], many[1], many[16]], [17, 0, 12, 196]);
});

Deno.test("a removed patch has the image's mean colour, and no other pixel changes", () => {
  const layout = { imageSize: [2, 4] as const, patchSize: [1, 2] as const };
  // Red counts the pixels, green is 1 in the last one, blue is 2 everywhere.
  const image = Float32Array.from({ length: 24 }, (_, i) => [i / 3, Number(i === 22), 2][i % 3]);
  for (let i = 0; i < 8; i++) image[3 * i] = i;
  const nothing = replacement(image, "mean", layout);
  equal([...nothing.subarray(0, 3)], [3.5, 0.125, 2]);
  const removed = image.slice();
  copyPatches(nothing, removed, [1, 2], layout); // right of the upper row, left of the lower
  const reds = removed.filter((_, i) => i % 3 === 0);
  equal([...reds], [0, 1, 3.5, 3.5, 3.5, 3.5, 6, 7]);
});

Deno.test("a blurred image keeps its colour where it is even, and spreads a point", () => {
  const layout = { imageSize: [9, 9] as const, patchSize: [1, 1] as const };
  const even = replacement(new Float32Array(243).fill(0.7), "blur", layout);
  assertClose(even, new Float32Array(243).fill(0.7), 1e-6, "even");
  const point = new Float32Array(243);
  point[(4 * 9 + 4) * 3] = 1;
  const spread = replacement(point, "blur", layout);
  // A Gaussian of deviation 1 that is cut off at 3: its weights by hand.
  const weights = [-3, -2, -1, 0, 1, 2, 3].map((x) => Math.exp(-x * x / 2));
  const sum = weights.reduce((a, b) => a + b);
  const red = (y: number, x: number) => spread[(y * 9 + x) * 3];
  assertClose(
    [red(4, 4), red(4, 5), red(6, 3)],
    [
      (1 / sum) ** 2,
      Math.exp(-0.5) / sum ** 2,
      Math.exp(-2) * Math.exp(-0.5) / sum ** 2,
    ],
    1e-6,
    "point",
  );
});
