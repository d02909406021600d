import { Interrupted } from "../../base/errors.ts";
import type { PixelBatches } from "../../data/batches.ts";
import { relevanceAtOnce } from "../../vit/attention_relevance.ts";
import { gridOf, type ModelConfig, tokensOf } from "../../vit/config.ts";
import type { VisionTransformer } from "../../vit/model.ts";
import { type LoadedModel, loadModel } from "../model.ts";
import { type DatasetFile, datasetFile } from "../preprocess/files.ts";
import type { StageContext } from "../stage.ts";
import { startOverIfOther } from "../start_over.ts";
import { openTestImages } from "../test_images.ts";
import { chooseImages } from "./choose.ts";
import { discussionMarkdown } from "./discussion/markdown.ts";
import { measure } from "./discussion/measures.ts";
import { discuss } from "./discussion/discuss.ts";
import { testFaithfulness } from "./faithfulness.ts";
import type { AttentionFile } from "./files.ts";
import { findHighNorm } from "./high_norm.ts";
import { largestAt } from "./largest.ts";
import { mapsOf } from "./maps.ts";
import { compareWithBefore } from "./movement.ts";
import type { VisualizeParams } from "./mod.ts";
import { type DrawnObservation, imagesAtOnce, type Observation, observe } from "./observe.ts";
import { checkSanity } from "./sanity.ts";
import { writeMaps } from "./write.ts";

type Context = StageContext<VisualizeParams, "data" | "model" | "before">;

/** Looks at attention on test images: some of them one by one, and more of them on average. */
export async function run(context: Context): Promise<void> {
  const { params, inputs, output } = context;
  await context.engine();
  const dataset = await inputs.data.json("dataset.json", datasetFile);
  using model = await loadModel(inputs.model, dataset.classes);
  using images = await openTestImages(inputs.data, dataset, model.vit);

  // The first of them are drawn; the rest only count in the means.
  const choose = (count: number) => chooseImages(images.labels, dataset.classes.length, count);
  const rows = choose(Math.max(params.images, params.measured));
  const drawn = Math.min(params.images, rows.length);
  const measured = Math.min(params.measured, rows.length);
  const raw = rawImages(context, model.vit.config, drawn);
  const seen = await observeAll(context, model.vit, images, rows, "attention", (image) => ({
    rollout: true,
    raw: image < raw,
    discard: params.rollout.discard,
  }));
  const counted = seen.slice(0, measured).filter(hasRollout);
  const shown = seen.slice(0, drawn).filter(hasRollout);
  const before = await compareBefore(context, dataset, model.vit, images, rows.slice(0, measured));
  const highNorm = findHighNorm(counted, shown);
  const labels = model.toOwn(Int32Array.from(rows, (row) => images.labels[row]));
  const attention: AttentionFile = {
    ...aboutModel(model),
    images: shown.map(({ probabilities }, i) => ({
      index: rows[i],
      label: labels[i],
      ...mostProbable(probabilities),
      high_norm: highNorm.patches[i],
    })),
    measured,
    ...meansByHead(counted),
    ...(before && { before: meansByHead(before.seen) }),
    rollout: { discard: params.rollout.discard },
    raw_images: raw,
    high_norm: highNorm.summary,
  };
  const relevance = await relevanceOf(context, model.vit, images, attention);
  await writeMaps(output, attention, { seen: shown, ...relevance }, images);
  await output.json("attention.json", attention);
  const { heads, grid } = attention;
  const discussion = discuss({
    attention,
    drawn: shown,
    measured: counted,
    before: before?.seen,
    images: counted.map((one, i) => measure(one, rows[i], labels[i], heads, grid)),
    faithfulness: await putToTheTest(context, model.vit, images, choose(params.faithfulness)),
    sanity: await shuffleWeights(context, dataset, images, choose(params.sanity)),
    movement: before?.movement,
  });
  await output.json("discussion.json", discussion);
  await output.text("discussion.md", discussionMarkdown(discussion));
}

function hasRollout(one: Observation): one is DrawnObservation {
  return one.rollout !== undefined;
}

/** Of how many drawn images every block's attention is kept. */
function rawImages({ params, report }: Context, config: ModelConfig, drawn: number): number {
  const bytes = config.blocks * config.heads * tokensOf(config) ** 2 * 2;
  const fit = Math.min(drawn, Math.floor(params.raw_attention * 1e6 / bytes));
  if (fit < drawn && params.raw_attention > 0) {
    report.line(
      `Every block's attention is kept of ${fit} of ${drawn} images: ` +
        `all take raw_attention: ${Math.ceil(drawn * bytes / 1e6)}`,
    );
  }
  return fit;
}

/** What attention does with each image. */
async function observeAll(
  context: Context,
  model: VisionTransformer,
  images: PixelBatches,
  rows: readonly number[],
  what: string,
  wanted: Parameters<typeof observe>[3],
): Promise<Observation[]> {
  const seen: Observation[] = [];
  const batch = imagesAtOnce(model.config);
  for (let at = 0; at < rows.length; at += batch) {
    const some = rows.slice(at, at + batch);
    const { pixels } = images.read(some);
    seen.push(...await observe(model, pixels, some.length, (i) => wanted(at + i)));
    await pause(context, seen.length, rows.length, "images", what);
  }
  return seen;
}

/** What the model's attention was before fine-tuning, and how far it has moved since. */
async function compareBefore(
  context: Context,
  dataset: DatasetFile,
  after: VisionTransformer,
  images: PixelBatches,
  rows: readonly number[],
) {
  if (context.inputs.before === undefined) return undefined;
  using before = await loadModel(context.inputs.before, dataset.classes);
  const nothing = { rollout: false, raw: false, discard: 0 };
  const what = "attention before fine-tuning";
  const seen = await observeAll(context, before.vit, images, rows, what, () => nothing);
  const batch = imagesAtOnce(after.config);
  const movement = await compareWithBefore(
    before.vit,
    after,
    images,
    rows,
    batch,
    (done) => pause(context, done, rows.length, "images", "compared with before"),
  );
  await context.output.json("movement.json", movement);
  return { seen, movement };
}

/** Relevance of the patches for the predicted class, and for the second most probable one. */
async function relevanceOf(
  context: Context,
  model: VisionTransformer,
  images: PixelBatches,
  { images: drawn }: AttentionFile,
) {
  const batch = relevanceAtOnce(model.config);
  const mapped = async (classes: readonly number[], what: string) => {
    const maps: Float32Array[] = [];
    for (let at = 0; at < drawn.length; at += batch) {
      const some = drawn.slice(at, at + batch).map(({ index }) => index);
      const { pixels } = images.read(some);
      const { discard } = context.params.rollout;
      const own = await mapsOf(model, pixels, some.length, discard, classes.slice(at, at + batch));
      maps.push(...own.map(({ maps }) => maps.relevance));
      await pause(context, maps.length, drawn.length, "images", what);
    }
    return maps;
  };
  const others = drawn.flatMap(({ other }) => other ?? []);
  return {
    relevance: await mapped(drawn.map(({ predicted }) => predicted), "relevance"),
    relevanceOther: others.length === drawn.length
      ? await mapped(others, "relevance for another class")
      : undefined,
  };
}

async function putToTheTest(
  context: Context,
  model: VisionTransformer,
  images: PixelBatches,
  rows: readonly number[],
) {
  if (rows.length === 0) return undefined;
  const { params: { removed, rollout: { discard } }, seed, output, checkpoint, report } = context;
  await startOverIfOther(await context.engine(), checkpoint, report, "images of the maps' test");
  const file = await testFaithfulness({
    model,
    images,
    rows,
    removed,
    discard,
    seed,
    checkpoint,
    resumed: (done) => report.resumed(`${done} of ${rows.length} images of the maps' test`),
    pause: (done) => pause(context, done, rows.length, "images", "removing and adding patches"),
  });
  await output.json("faithfulness.json", file);
  return file;
}

async function shuffleWeights(
  context: Context,
  dataset: DatasetFile,
  images: PixelBatches,
  rows: readonly number[],
) {
  if (rows.length === 0) return undefined;
  using model = await loadModel(context.inputs.model, dataset.classes); // its own, to be spoilt
  const file = await checkSanity({
    model: model.vit,
    images,
    rows,
    discard: context.params.rollout.discard,
    seed: context.seed,
    pause: (done, total) => pause(context, done, total, "maps", "shuffling weights"),
  });
  await context.output.json("sanity.json", file);
  return file;
}

/** Says how far the work is, and stops it where that is wanted. */
async function pause(
  { report, signal }: Context,
  done: number,
  total: number,
  unit: string,
  what: string,
): Promise<void> {
  report.progress(done, total, unit, what);
  // The engine blocks; a macrotask lets Ctrl-C through.
  await new Promise((resolve) => setTimeout(resolve));
  if (signal.aborted) throw new Interrupted();
}

/** What attention.json says of the model itself. */
function aboutModel({ classes, vit: { config } }: LoadedModel) {
  return {
    classes: [...classes],
    image_size: [...config.imageSize] as [number, number],
    patch_size: [...config.patchSize] as [number, number],
    grid: gridOf(config),
    tokens: tokensOf(config),
    blocks: config.blocks,
    heads: config.heads,
  };
}

/** The most probable class, and the one after it where there are two. */
function mostProbable(probabilities: Float32Array) {
  const predicted = largestAt(probabilities);
  const first = { predicted, probability: probabilities[predicted] };
  if (probabilities.length === 1) return first;
  const other = largestAt(probabilities.map((p, i) => i === predicted ? -1 : p));
  return { ...first, other, other_probability: probabilities[other] };
}

/** Means over images, `[blocks][heads]`. */
function meansByHead(seen: readonly Observation[]): { distance: number[][]; entropy: number[][] } {
  const mean = (of: (one: Observation) => Float64Array[]) =>
    of(seen[0]).map((heads, block) =>
      Array.from(
        heads,
        (_, head) => seen.reduce((sum, one) => sum + of(one)[block][head], 0) / seen.length,
      )
    );
  return { distance: mean((one) => one.distance), entropy: mean((one) => one.entropy) };
}
