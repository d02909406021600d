import { Interrupted } from "../../base/errors.ts";
import { writeSafetensors } from "../../base/safetensors.ts";
import type { PixelBatches } from "../../data/batches.ts";
import { gridOf, tokensOf } from "../../vit/config.ts";
import { loadModel } from "../model.ts";
import { datasetFile } from "../preprocess/files.ts";
import type { StageContext } from "../stage.ts";
import { openTestImages } from "../test_images.ts";
import { chooseImages } from "./choose.ts";
import { discuss } from "./discuss.ts";
import { ATTENTION, type AttentionFile } from "./files.ts";
import { compareWithBefore } from "./movement.ts";
import type { VisualizeParams } from "./mod.ts";
import { type DrawnObservation, imagesAtOnce, type Observation, observe } from "./observe.ts";

type Context = StageContext<VisualizeParams, "data" | "model" | "before">;

/** Looks at attention on test images: each by head and rollout, and more of them on average. */
export async function run(context: Context): Promise<void> {
  const { params, inputs, output, report, signal } = context;
  await context.engine();
  const dataset = await inputs.data.json("dataset.json", datasetFile);
  using model = await loadModel(inputs.model, dataset.classes);
  using images = await openTestImages(inputs.data, dataset, model.vit);

  // The first of them are drawn; the rest only count in the means.
  const most = Math.max(params.images, params.measured);
  const rows = chooseImages(images.labels, dataset.classes.length, most);
  const drawn = Math.min(params.images, rows.length);
  const measured = Math.min(Math.max(params.measured, 1), rows.length);
  const seen: Observation[] = [];
  const batch = imagesAtOnce(model.vit.config);
  for (let at = 0; at < rows.length; at += batch) {
    if (signal.aborted) throw new Interrupted();
    const some = Int32Array.from(rows.slice(at, at + batch));
    const { pixels } = images.read(some);
    seen.push(...observe(model.vit, pixels, some.length, (i) => at + i < drawn));
    report.progress(at + some.length, rows.length, "images");
    // The engine blocks; a macrotask lets Ctrl-C through.
    await new Promise((resolve) => setTimeout(resolve));
  }

  const { config } = model.vit;
  const labels = model.toOwn(Int32Array.from(rows, (row) => images.labels[row]));
  const attention: AttentionFile = {
    classes: [...model.classes],
    images: seen.slice(0, drawn).map(({ probabilities }, i) => {
      const probability = Math.max(...probabilities);
      return {
        index: rows[i],
        label: labels[i],
        predicted: probabilities.indexOf(probability),
        probability,
      };
    }),
    image_size: [...config.imageSize],
    patch_size: [...config.patchSize],
    grid: gridOf(config),
    tokens: tokensOf(config),
    blocks: config.blocks,
    heads: config.heads,
    measured,
    distance: meanByHead(seen.slice(0, measured).map((one) => one.distance)),
    entropy: meanByHead(seen.slice(0, measured).map((one) => one.entropy)),
  };
  await output.json("attention.json", attention);
  const shown = seen.filter((one): one is DrawnObservation => one.rollout !== undefined);
  await writeMaps(output.file(ATTENTION), attention, shown, images);
  if (inputs.before) {
    using before = await loadModel(inputs.before, dataset.classes);
    const compared = rows.slice(0, measured);
    const movement = await compareWithBefore(
      before.vit,
      model.vit,
      images,
      compared,
      batch,
      context,
    );
    await output.json("movement.json", movement);
  }
  await output.text("discussion.md", discuss(attention, shown));
}

/** Mean over images of a table `[blocks][heads]`. */
function meanByHead(tables: readonly Float64Array[][]): number[][] {
  return tables[0].map((heads, block) =>
    Array.from(
      heads,
      (_, head) => tables.reduce((sum, table) => sum + table[block][head], 0) / tables.length,
    )
  );
}

/** The maps of the images that are drawn, and the images as the model saw them. */
async function writeMaps(
  path: string,
  { heads, grid, image_size: [height, width], images: drawn }: AttentionFile,
  seen: readonly DrawnObservation[],
  test: PixelBatches,
): Promise<void> {
  const count = drawn.length;
  const patches = grid[0] * grid[1];
  const pictures = new Uint8Array(count * height * width * 3);
  drawn.forEach(({ index }, i) => {
    const at = i * height * width * 3;
    test.transform.resize(test.readRaw([index]), pictures.subarray(at, at + height * width * 3));
  });
  await writeSafetensors(path, {
    images: { dtype: "U8", shape: [count, height, width, 3], data: pictures },
    last_block: {
      dtype: "F32",
      shape: [count, heads, patches],
      data: join(seen.map((one) => one.lastBlock)),
    },
    rollout: { dtype: "F32", shape: [count, patches], data: join(seen.map((one) => one.rollout)) },
  });
}

function join(parts: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
