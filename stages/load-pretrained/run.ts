import { dirname, join } from "node:path";
import { exists } from "../../base/exists.ts";
import { parseJsonAsWritten } from "../../base/json.ts";
import { writeSafetensors } from "../../base/safetensors.ts";
import { fetchModel, type HubModel } from "../../hub/mod.ts";
import { writeCheckpoint } from "../../vit/checkpoint.ts";
import { gridOf, type ModelConfig, prefixPositions } from "../../vit/config.ts";
import { atImageSize } from "../../vit/interpolate.ts";
import { patchComponents, positionSimilarity } from "../../vit/embedding_statistics.ts";
import { hasHead, type HostTensor, newHead, readWeights } from "../../vit/weights.ts";
import { type DatasetFile, datasetFile } from "../preprocess/files.ts";
import type { StageContext } from "../stage.ts";
import { describeVit } from "./describe.ts";
import { EMBEDDINGS, MODEL } from "./files.ts";
import { type ModelFolder, readJson, readModelFolder } from "./folder.ts";
import { chooseHead } from "./head.ts";
import { locateModel } from "./locate.ts";
import { preprocessorJson } from "./preprocessor.ts";
import type { LoadPretrainedParams } from "./mod.ts";

type Context = StageContext<LoadPretrainedParams, "data">;

/** Components of the patch embedding that are kept; the ViT paper shows 28 (figure 7, left). */
const COMPONENTS = 28;

/** Reads the model, gives it a head for the classes and publishes it as a checkpoint of its own. */
export async function run(context: Context): Promise<void> {
  const { params, inputs, output, report, project } = context;
  const located = await locateModel(params.model, {
    resolve: (path) => resolvePath(project, path),
  });
  if (located.hub) await fetchWeights(located.hub, context);
  const folder = readModelFolder(located.folder, { resolve: (path) => path });
  const { classes, transform } = await inputs.data.json("dataset.json", datasetFile);
  const stored = await readWeights(folder.path, folder.config, report.warn);
  // A config.json may have labels where the files have no head.
  const labels = hasHead(stored) ? folder.config.labels : [];
  const head = chooseHead(params.head, labels, classes);
  const fitted = atImageSize(folder.config, stored, transform.image_size);
  if (fitted.config.imageSize.join() !== folder.config.imageSize.join()) {
    report.line(
      `position embeddings interpolated from ${folder.config.imageSize.join("x")} to ${
        transform.image_size.join("x")
      } pixels`,
    );
  }
  warnOfRectangles(fitted.config, report.warn);
  warnOfAssumptions(folder, transform, report.warn);
  const { weights } = fitted;
  const config: ModelConfig = { ...fitted.config, labels: head.labels };
  if (head.source === "new") {
    for (const [name, tensor] of newHead(config, classes.length, context.seed)) {
      weights.set(name, tensor);
    }
  }
  const { hub } = located;
  report.record("model", hub ? `${hub.id}@${hub.commit}` : folder.path);

  await writeCheckpoint(dirname(output.file(`${MODEL}/config.json`)), {
    config: readJson(`${folder.path}/config.json`, parseJsonAsWritten) as Record<string, unknown>,
    preprocessor: preprocessorJson(folder.preprocessorJson, transform),
    weights,
    labels: head.labels,
    imageSize: config.imageSize,
  });
  await output.json("parameters.json", describeVit(config, head.source));
  await writeEmbeddings(output.file(EMBEDDINGS), config, weights);
}

/** DINOv2 of transformers takes the position embeddings of a checkpoint for those of a square. */
function warnOfRectangles(config: ModelConfig, warn: (text: string) => void): void {
  const [down, across] = gridOf(config);
  if (!config.family.startsWith("dinov2") || down === across) return;
  warn(
    `transformers will not run the published model: it takes ${config.family} with position ` +
      `embeddings of square images only, and these are ${config.imageSize.join("x")}`,
  );
}

/** What the model's own files do not say is taken from transformers, and may not be what it learned. */
function warnOfAssumptions(
  { path, preprocessor }: ModelFolder,
  { image_size: [height, width], resample, mean, std }: DatasetFile["transform"],
  warn: (text: string) => void,
): void {
  if (exists(join(path, "preprocessor_config.json"))) return;
  const same = resample === preprocessor.resample && mean.join() === preprocessor.mean.join() &&
    std.join() === preprocessor.std.join();
  if (!same) return; // the config says how
  warn(
    `the model has no preprocessor_config.json: assumed are ${height}x${width} pixels, ` +
      `${resample}, mean ${mean.join(", ")} and deviation ${std.join(", ")}; where it wants ` +
      "others, write image_size, resample and normalize in preprocess",
  );
}

/** Brings the weights into the Hub's cache, and says how far it is. */
async function fetchWeights(model: HubModel, { report, signal }: Context): Promise<void> {
  await fetchModel(model, {
    signal,
    warn: report.warn,
    onWait: (pid) => report.line(`waits for process ${pid ?? "?"}, which downloads the model`),
    onProgress(done, total) {
      if (total > 0) report.progress(done, total, "bytes", model.id);
    },
  });
}

/** What the embeddings have learned, for the figures of this stage. */
async function writeEmbeddings(
  path: string,
  config: ModelConfig,
  weights: ReadonlyMap<string, HostTensor>,
): Promise<void> {
  const [down, across] = gridOf(config);
  const patches = down * across;
  const [height, width] = config.patchSize;
  const similarity = positionSimilarity(
    weights.get(`${config.family}.embeddings.position_embeddings`)!.data,
    prefixPositions(config),
    config.hiddenSize,
  );
  const { components, variance } = patchComponents(
    weights.get(`${config.family}.embeddings.patch_embeddings.projection.weight`)!,
    COMPONENTS,
  );
  await writeSafetensors(path, {
    position_similarity: { dtype: "F32", shape: [patches, patches], data: similarity },
    patch_components: {
      dtype: "F32",
      shape: [variance.length, height, width, 3],
      data: components,
    },
    explained_variance: { dtype: "F32", shape: [variance.length], data: variance },
  });
}

function resolvePath(project: string, path: string): string {
  return path.startsWith("/") ? path : `${project}/${path}`;
}
