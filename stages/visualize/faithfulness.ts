import { z } from "zod";
import { random } from "../../base/random.ts";
import type { PixelBatches } from "../../data/batches.ts";
import { tf } from "../../engine/tf.ts";
import { valuesOf } from "../../engine/values.ts";
import { relevanceAtOnce } from "../../vit/attention_relevance.ts";
import { gridOf, type ModelConfig, tokensOf } from "../../vit/config.ts";
import type { VisionTransformer } from "../../vit/model.ts";
import type { Checkpoint } from "../stage.ts";
import { KINDS, summarise } from "./curves.ts";
import { type FaithfulnessFile, METHODS } from "./files.ts";
import { largestAt } from "./largest.ts";
import { type Maps, mapsOf, rowsOf } from "./maps.ts";
import { softmax } from "./observe.ts";
import { counts, ordersOf } from "./orders.ts";
import { copyPatches, replacement } from "./removal.ts";

/** What the test is made of. */
export interface FaithfulnessTest {
  readonly model: VisionTransformer;
  readonly images: PixelBatches;
  /** Rows of the images. */
  readonly rows: readonly number[];
  readonly removed: "mean" | "blur";
  /** Share of the patches that the rollout leaves out. */
  readonly discard: number;
  readonly seed: number;
  /** Keeps the curves of images that are done. */
  readonly checkpoint: Checkpoint;
  /** Called where it goes on from a checkpoint, with the number of images done. */
  readonly resumed: (done: number) => void;
  /** Called after each pass with the number of images done; throws where work is to stop. */
  readonly pause: (done: number) => Promise<void>;
}

/**
 * Whether maps say on what the class depends: patches are removed in the order of each map, the most
 * important first (deletion), or added to an image that has none (insertion), and the model says after
 * each step how probable the class is that it predicted of the whole image (Samek et al. 2017; Petsiuk,
 * Das and Saenko 2018).
 */
export async function testFaithfulness(test: FaithfulnessTest): Promise<FaithfulnessFile> {
  const { model, images, rows, removed, discard, seed, checkpoint, resumed } = test;
  const { config } = model;
  const patches = patchesOf(config);
  const atOnce = relevanceAtOnce(config);
  const all = await readKept(checkpoint);
  if (all.length > 0) resumed(all.length);
  for (let at = all.length; at < rows.length; at += atOnce) {
    const some = rows.slice(at, at + atOnce);
    // A copy: the pool's buffer is overwritten by the next read.
    const pixels = images.read(some).pixels.slice();
    const mapped = await mapsOf(model, pixels, some.length, discard);
    for (const [i, image] of rowsOf(pixels, some.length).entries()) {
      const { logits, maps } = mapped[i];
      all.push(
        await imageCurves(test, image, maps, {
          row: some[i],
          label: largestAt(logits),
          pause: () => test.pause(at + i),
        }),
      );
      await test.pause(at + i + 1);
    }
    const text = JSON.stringify(all.slice(at));
    await checkpoint.save(nameOf(at), (path) => Deno.writeTextFile(path, text));
  }
  const curves = byMethod((method) => byKind((kind) => all.map((one) => one[method][kind])));
  const fractions = counts(patches).map((count) => count / patches);
  return {
    images: rows.length,
    removed,
    fractions,
    methods: summarise(curves, fractions, seed),
  };
}

const byMethod = <T>(of: (method: typeof METHODS[number]) => T) =>
  Object.fromEntries(METHODS.map((method) => [method, of(method)])) as Record<
    typeof METHODS[number],
    T
  >;
const byKind = <T>(of: (kind: typeof KINDS[number]) => T) => ({
  deletion: of("deletion"),
  insertion: of("insertion"),
});

/** All curves of one image, as they are kept. */
const imageCurvesSchema = z.record(
  z.enum(METHODS),
  z.record(z.enum(KINDS), z.array(z.number())),
);
type ImageCurves = z.infer<typeof imageCurvesSchema>;

/** The file of the images from row `at` of the test on, as many as there are maps made of at once. */
const nameOf = (at: number) => `curves-${at}.json`;

/** The curves of images that an earlier run has done, from the first one on without a gap. */
async function readKept(checkpoint: Checkpoint): Promise<ImageCurves[]> {
  const all: ImageCurves[] = [];
  for (;;) {
    const path = await checkpoint.load(nameOf(all.length));
    if (path === undefined) return all;
    all.push(...z.array(imageCurvesSchema).parse(JSON.parse(await Deno.readTextFile(path))));
  }
}

/** All curves of one image. */
async function imageCurves(
  { model, removed, seed }: FaithfulnessTest,
  image: Float32Array,
  maps: Maps,
  { row, label, pause }: { row: number; label: number; pause: () => Promise<void> },
): Promise<ImageCurves> {
  const { config } = model;
  const nothing = replacement(image, removed, config);
  const orders = ordersOf(maps, gridOf(config), random(seed, `order ${row}`));
  const steps = counts(patchesOf(config));
  const inner = steps.slice(1, -1);

  // The whole image and nothing of it end every curve; between them lies what each method makes.
  const variants = [
    { base: image, patches: [] as readonly number[] },
    { base: nothing, patches: [] },
    ...METHODS.flatMap((method) =>
      KINDS.flatMap((kind) =>
        inner.map((count) => ({
          base: kind === "deletion" ? image : nothing,
          patches: orders[method].slice(0, count),
        }))
      )
    ),
  ];
  const shares: number[] = [];
  const batch = variantsAtOnce(config);
  for (let at = 0; at < variants.length; at += batch) {
    const some = variants.slice(at, at + batch);
    const pixels = new Float32Array(some.length * image.length);
    some.forEach(({ base, patches }, i) => {
      const own = pixels.subarray(i * image.length, (i + 1) * image.length);
      own.set(base);
      copyPatches(base === image ? nothing : image, own, patches, config);
    });
    shares.push(...await probabilities(model, pixels, some.length, label));
    await pause();
  }
  const [whole, none, ...rest] = shares;
  return byMethod((method) =>
    byKind((kind) => {
      const from = (KINDS.length * METHODS.indexOf(method) + KINDS.indexOf(kind)) * inner.length;
      const within = rest.slice(from, from + inner.length);
      return kind === "deletion" ? [whole, ...within, none] : [none, ...within, whole];
    })
  );
}

/** Probability of one class of each image. */
async function probabilities(
  model: VisionTransformer,
  pixels: Float32Array,
  n: number,
  label: number,
): Promise<number[]> {
  const [height, width] = model.config.imageSize;
  const logits = await valuesOf(() => model.forward(tf.tensor4d(pixels, [n, height, width, 3])));
  return rowsOf(logits, n).map((own) => softmax(own)[label]);
}

/** Numbers that the widest array of a pass may have, and so how many images go through at once. */
const WIDEST = 2 ** 24;

function variantsAtOnce(config: ModelConfig): number {
  const tokens = tokensOf(config);
  const widest = Math.max(config.heads * tokens, 3 * config.hiddenSize, config.intermediateSize);
  return Math.max(1, Math.min(160, Math.floor(WIDEST / (tokens * widest))));
}

function patchesOf(config: ModelConfig): number {
  const [down, across] = gridOf(config);
  return down * across;
}
