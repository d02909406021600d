import { random } from "../../base/random.ts";
import type { PixelBatches } from "../../data/batches.ts";
import { tf } from "../../engine/tf.ts";
import { relevanceAtOnce } from "../../vit/attention_relevance.ts";
import { gridOf, type ModelConfig, tokensOf } from "../../vit/config.ts";
import type { VisionTransformer } from "../../vit/model.ts";
import { type Curves, KINDS, summarise } from "./curves.ts";
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
  const { model, images, rows, removed, discard, seed } = test;
  const { config } = model;
  const patches = patchesOf(config);
  const curves = Object.fromEntries(
    METHODS.map((method) => [method, { deletion: [], insertion: [] }]),
  ) as unknown as { [method in keyof Curves]: Record<typeof KINDS[number], Float64Array[]> };
  const atOnce = relevanceAtOnce(config);
  for (let at = 0; at < rows.length; at += atOnce) {
    const some = rows.slice(at, at + atOnce);
    // A copy: the pool's buffer is overwritten by the next read.
    const pixels = images.read(some).pixels.slice();
    const mapped = mapsOf(model, pixels, some.length, discard);
    for (const [i, image] of rowsOf(pixels, some.length).entries()) {
      const { logits, maps } = mapped[i];
      const seen = await imageCurves(test, image, maps, {
        row: some[i],
        label: largestAt(logits),
        pause: () => test.pause(at + i),
      });
      for (const method of METHODS) {
        for (const kind of KINDS) curves[method][kind].push(seen[method][kind]);
      }
      await test.pause(at + i + 1);
    }
  }
  const fractions = counts(patches).map((count) => count / patches);
  return {
    images: rows.length,
    removed,
    fractions,
    methods: summarise(curves, fractions, seed),
  };
}

type ImageCurves = Record<typeof METHODS[number], Record<typeof KINDS[number], Float64Array>>;

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
    shares.push(...probabilities(model, pixels, some.length, label));
    await pause();
  }
  const [whole, none, ...rest] = shares;
  return Object.fromEntries(METHODS.map((method, m) => {
    const curve = (kind: 0 | 1) => {
      const from = (KINDS.length * m + kind) * inner.length;
      return rest.slice(from, from + inner.length);
    };
    return [method, {
      deletion: Float64Array.of(whole, ...curve(0), none),
      insertion: Float64Array.of(none, ...curve(1), whole),
    }];
  })) as ImageCurves;
}

/** Probability of one class of each image. */
function probabilities(
  model: VisionTransformer,
  pixels: Float32Array,
  n: number,
  label: number,
): number[] {
  const [height, width] = model.config.imageSize;
  const logits = tf.tidy(() =>
    model.forward(tf.tensor4d(pixels, [n, height, width, 3])).dataSync() as Float32Array
  );
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
